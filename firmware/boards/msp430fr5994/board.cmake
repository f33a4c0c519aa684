# Included by inas_add_msp430_firmware: what this board adds to the program `name` of `model`, and the
# `unit` that multiplies its vectors.
set(INAS_DSPLIB_DIR "" CACHE PATH
    "Folder of TI's DSPLib; empty: vectors are multiplied by MPY32 instead of the LEA")

set(here ${INAS_MSP430_BOARDS}/msp430fr5994)
set(board_sources ${here}/board.c ${here}/instructions.S ${here}/external_fram.c)
target_sources(${name} PRIVATE ${board_sources})

set(unit cpu)
if(INAS_DSPLIB_DIR)
  set(unit lea)
  set(dsplib_sources
    ${INAS_DSPLIB_DIR}/source/vector/msp_mac_q15.c
    ${INAS_DSPLIB_DIR}/source/lea/msp_lea_flags.c
    ${INAS_DSPLIB_DIR}/source/lea/msp_lea_init.c)
  foreach(source IN LISTS dsplib_sources)
    if(NOT EXISTS ${source})
      message(FATAL_ERROR "INAS_DSPLIB_DIR: ${source} does not exist; it is to be DSPLib 1.30's folder")
    endif()
  endforeach()
  set_source_files_properties(${dsplib_sources} PROPERTIES COMPILE_OPTIONS -w)
  target_sources(${name} PRIVATE
    ${here}/lea_mac.c ${here}/dsplib/lea_interrupt.S ${dsplib_sources})
  target_include_directories(${name} SYSTEM PRIVATE ${here}/dsplib ${INAS_DSPLIB_DIR}/include)
else()
  target_sources(${name} PRIVATE ${here}/mac.c)
endif()

inas_board_description(description ${board})
inas_read_board(${description} ${unit})
set(on_chip ${INAS_MEMORY_HIGH_FRAM_BYTES}) # of NVM

if(image_bytes LESS_EQUAL on_chip)
  inas_add_nvm_image(${name} ${model} 0 ${image_bytes})
  return()
endif()

# What is left of the image goes to the external FRAM, by programs that carry a part of it each.
inas_add_nvm_image(${name} ${model} 0 ${on_chip})
set(offset ${on_chip})
set(loaders "")
while(offset LESS image_bytes)
  math(EXPR bytes "${image_bytes} - ${offset}")
  if(bytes GREATER on_chip)
    set(bytes ${on_chip})
  endif()
  list(LENGTH loaders number)
  math(EXPR number "${number} + 1")
  set(loader ${name}-loader-${number})
  list(APPEND loaders ${loader}.elf)
  add_executable(${loader} ${here}/loader.c ${board_sources}
    ${common}/start.S ${common}/arithmetic.S)
  target_include_directories(${loader} PRIVATE ${INAS_MSP430_BOARDS}/../include ${common} ${model})
  target_compile_definitions(${loader} PRIVATE
    INAS_LOADER_OFFSET=${offset} INAS_LOADER_BYTES=${bytes})
  inas_msp430_options(${loader} ${board} ${unit})
  inas_add_nvm_image(${loader} ${model} ${offset} ${bytes})
  math(EXPR offset "${offset} + ${bytes}")
endwhile()
list(JOIN loaders ", " loaders)
message(STATUS
  "The NVM image has ${image_bytes} bytes, ${on_chip} of them fit on chip. For the rest, first run "
  "these, each until it signals that it is finished: ${loaders}")
