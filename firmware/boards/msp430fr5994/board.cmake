# Included by inas_add_msp430_firmware: what this board adds to the program `name` of `model`, and the
# `unit` that multiplies its vectors.
set(INAS_DSPLIB_DIR "" CACHE PATH "Folder of TI's DSPLib, for INAS_LEA=dsplib")
set(INAS_LEA "" CACHE STRING
    "How layers that a model gives to the LEA are run: dsplib, registers (without DSPLib), or none for models without them; empty: dsplib if its folder is given")
set(lea ${INAS_LEA})
if(NOT lea)
  set(lea none)
  if(INAS_DSPLIB_DIR)
    set(lea dsplib)
  endif()
endif()
if(NOT lea MATCHES "^(dsplib|registers|none)$")
  message(FATAL_ERROR "INAS_LEA: found ${INAS_LEA}, allowed: dsplib, registers, none")
endif()
if(lea STREQUAL "dsplib" AND NOT INAS_DSPLIB_DIR)
  message(FATAL_ERROR "INAS_DSPLIB_DIR: found nothing, allowed: DSPLib 1.30's folder, because INAS_LEA is dsplib")
endif()

set(INAS_POWER_END never CACHE STRING
    "What lets the device go on after a power cycle: never (it does not wait), timer, supply, pin")
set(INAS_POWER_END_MS 1000 CACHE STRING "With timer: for how many ms it waits")
set(INAS_POWER_END_MV 2990 CACHE STRING "With supply: for how many mV of supply it waits")
if(NOT INAS_POWER_END MATCHES "^(never|timer|supply|pin)$")
  message(FATAL_ERROR "INAS_POWER_END: found ${INAS_POWER_END}, allowed: never, timer, supply, pin")
endif()
if(NOT INAS_POWER_END_MS MATCHES "^[1-9][0-9]?[0-9]?[0-9]?[0-9]?[0-9]?[0-9]?$")
  message(FATAL_ERROR "INAS_POWER_END_MS: found ${INAS_POWER_END_MS}, allowed: 1 to 9999999")
endif()

set(here ${CMAKE_CURRENT_LIST_DIR})
set(board_sources ${here}/board.c ${here}/instructions.S ${here}/external_fram.c ${here}/power_end.c)
set(power_end INAS_POWER_END=${INAS_POWER_END} INAS_POWER_END_MS=${INAS_POWER_END_MS}ul
  INAS_POWER_END_MV=${INAS_POWER_END_MV})
target_sources(${name} PRIVATE ${board_sources})
target_compile_definitions(${name} PRIVATE $<$<COMPILE_LANGUAGE:C>:${power_end}>)

set(unit cpu)
if(lea STREQUAL "none")
  target_sources(${name} PRIVATE ${here}/mac.c)
else()
  set(unit lea)
  target_compile_definitions(${name} PRIVATE INAS_UNIT_LEA)
  target_sources(${name} PRIVATE ${here}/lea.c ${INAS_VECTOR_SOURCES} ${common}/multiplier_mac.S)
endif()
if(lea STREQUAL "registers")
  target_sources(${name} PRIVATE ${here}/lea_registers.c)
elseif(lea STREQUAL "dsplib")
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
  target_sources(${name} PRIVATE ${here}/lea_mac.c ${here}/dsplib/lea_interrupt.S ${dsplib_sources})
  target_include_directories(${name} SYSTEM PRIVATE ${here}/dsplib ${INAS_DSPLIB_DIR}/include)
endif()

inas_board_description(description ${board})
inas_read_board(${description} ${unit})
set(on_chip ${INAS_MEMORY_HIGH_FRAM_BYTES}) # of NVM
# Below 2.2 V the ADC's reference is none.
if(NOT INAS_POWER_END_MV MATCHES "^[1-9][0-9][0-9][0-9]$" OR INAS_POWER_END_MV LESS 2200 OR
   INAS_POWER_END_MV GREATER INAS_SUPPLY_MAX_MV)
  message(FATAL_ERROR
    "INAS_POWER_END_MV: found ${INAS_POWER_END_MV}, allowed: 2200 to ${INAS_SUPPLY_MAX_MV}")
endif()

if(image_bytes EQUAL 0)
  return()
endif()
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
  target_compile_definitions(${loader} PRIVATE $<$<COMPILE_LANGUAGE:C>:${power_end}> INAS_UNIT_LEA
    INAS_LOADER_OFFSET=${offset} INAS_LOADER_BYTES=${bytes})
  inas_msp430_options(${loader} ${board} ${unit})
  inas_add_nvm_image(${loader} ${model} ${offset} ${bytes})
  math(EXPR offset "${offset} + ${bytes}")
endwhile()
list(JOIN loaders ", " loaders)
message(STATUS
  "The NVM image has ${image_bytes} bytes, ${on_chip} of them fit on chip. For the rest, first run "
  "these, each until it signals that it is finished: ${loaders}")
