# The firmware for the MSP430 boards; needs the toolchain file cmake/msp430.cmake and the languages C
# and ASM.

include(${CMAKE_CURRENT_LIST_DIR}/board_data.cmake)

set(INAS_STACK_BYTES "" CACHE STRING "Stack that is kept free of variables; empty: board.json's")
set(INAS_APPLICATION "" CACHE STRING
    "C files of the application, which reads inputs and uses outputs (inas_firmware/application.h)")
set(INAS_BOARD_FILE "" CACHE FILEPATH "Description of the board; empty: board.json in its folder")
set(INAS_OPTIMIZATION -Os CACHE STRING "Optimisation of the firmware")
set(INAS_MSP430_BOARDS ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "Folder of the boards")

# Sets `result` to the path of the description of `board`.
function(inas_board_description result board)
  set(description ${INAS_MSP430_BOARDS}/${board}/board.json)
  if(INAS_BOARD_FILE)
    get_filename_component(description ${INAS_BOARD_FILE} ABSOLUTE BASE_DIR ${CMAKE_BINARY_DIR})
  endif()
  set(${result} ${description} PARENT_SCOPE)
endfunction()

# How the program `target` for `board`, whose vectors `unit` multiplies, is compiled, linked and checked. A
# program without a model may have more code than board.json's: so many bytes, if a number follows.
function(inas_msp430_options target board unit)
  inas_board_description(description ${board})
  inas_read_board(${description} ${unit})
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${target}-board)
  inas_write_board_header(${generated})
  set(script ${generated}/board.ld)
  configure_file(${INAS_MSP430_BOARDS}/${board}/board.ld.in ${script} @ONLY)
  set(code_bytes ${INAS_CODE_BYTES} ${ARGN})
  list(POP_BACK code_bytes most_code)
  set(stack_bytes ${INAS_BOARD_STACK_BYTES})
  if(INAS_STACK_BYTES)
    set(stack_bytes ${INAS_STACK_BYTES})
  endif()

  target_include_directories(${target} PRIVATE ${generated})
  target_compile_options(${target} PRIVATE
    ${INAS_OPTIMIZATION}
    $<$<COMPILE_LANGUAGE:C>:-ffreestanding;-mhwmult=f5series;-ffunction-sections;-fdata-sections;-falign-functions=8;-fno-jump-tables>
    $<$<COMPILE_LANGUAGE:C>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wno-sign-conversion;-Werror>)
  set(sections ${INAS_MSP430_BOARDS}/msp430/sections.ld)
  # --nmagic: else the ELF's own headers become a segment below 0x4000, in the boot loader's memory.
  target_link_options(${target} PRIVATE
    -T ${script} -L ${INAS_MSP430_BOARDS}/msp430 --gc-sections --fatal-warnings --nmagic
    --defsym=inas_stack_bytes=${stack_bytes})
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${script} ${sections})
  set_property(TARGET ${target} PROPERTY RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  add_custom_command(TARGET ${target} POST_BUILD VERBATIM COMMAND ${CMAKE_COMMAND}
    -D ELF=$<TARGET_FILE:${target}> -D STACK_BYTES=${stack_bytes} -D CODE_BYTES=${most_code}
    -D OBJDUMP=${INAS_LLVM_OBJDUMP} -D SIZE=${INAS_LLVM_SIZE}
    -P ${INAS_MSP430_BOARDS}/msp430/check.cmake)
endfunction()

# Puts `bytes` bytes of the NVM image of `model` from `offset` on into the program `target`, which is not
# built if the image is not the one that the model's header was written with.
function(inas_add_nvm_image target model offset bytes)
  set(source ${INAS_MSP430_BOARDS}/msp430/nvm_image.S)
  set(check ${INAS_MSP430_BOARDS}/../check_image.cmake)
  set(checked ${CMAKE_CURRENT_BINARY_DIR}/${target}-image-checked)
  add_custom_command(OUTPUT ${checked} VERBATIM
    COMMAND ${CMAKE_COMMAND} -D MODEL=${model} -D STAMP=${checked} -P ${check}
    DEPENDS ${model}/nvm.bin ${model}/model.h ${check})
  target_sources(${target} PRIVATE ${source} ${checked})
  target_compile_definitions(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:ASM>:INAS_NVM_FILE="${model}/nvm.bin">
    $<$<COMPILE_LANGUAGE:ASM>:INAS_NVM_OFFSET=${offset}>
    $<$<COMPILE_LANGUAGE:ASM>:INAS_NVM_BYTES=${bytes}>)
  set_property(SOURCE ${source} APPEND PROPERTY OBJECT_DEPENDS ${model}/nvm.bin)
endfunction()

# The firmware of `board` with the dumped model in the folder `model` as the program `name`.elf.
function(inas_add_msp430_firmware name board model)
  get_filename_component(model ${model} ABSOLUTE BASE_DIR ${CMAKE_BINARY_DIR})
  foreach(file IN ITEMS model.h model.c nvm.bin)
    if(NOT EXISTS ${model}/${file})
      message(FATAL_ERROR
        "INAS_MODEL_DIR: ${model} has no ${file}; it is to be a folder that inas-dump wrote")
    endif()
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${model}/nvm.bin)
  file(SIZE ${model}/nvm.bin image_bytes)

  set(common ${INAS_MSP430_BOARDS}/msp430)
  add_executable(${name}
    ${INAS_FIRMWARE_SOURCES} ${model}/model.c
    ${INAS_APPLICATION}
    ${common}/main.c ${common}/start.S ${common}/arithmetic.S ${common}/multiplier_convolve.S
    ${common}/multiplier_depthwise.c)
  target_include_directories(${name} PRIVATE ${INAS_MSP430_BOARDS}/../include ${common} ${model})
  include(${INAS_MSP430_BOARDS}/${board}/board.cmake)
  inas_msp430_options(${name} ${board} ${unit})
endfunction()

# The micro-benchmarks for `board`, one with a file bench.c, as the program `name`.elf.
function(inas_add_msp430_bench name board)
  if(NOT INAS_BENCH_MEMORY MATCHES "^(on-chip|serial)$")
    message(FATAL_ERROR "INAS_BENCH_MEMORY: found ${INAS_BENCH_MEMORY}, allowed: on-chip, serial")
  endif()
  foreach(option IN ITEMS INAS_BENCH_BLOCK_MS INAS_BENCH_PAUSE_MS)
    if(NOT ${option} MATCHES "^(0|[1-9][0-9]?[0-9]?[0-9]?)$")
      message(FATAL_ERROR "${option}: found ${${option}}, allowed: 0 to 9999")
    endif()
  endforeach()
  set(model ${INAS_MSP430_BOARDS}/../bench)
  set(image_bytes 0)
  set(INAS_POWER_END never)
  set(common ${INAS_MSP430_BOARDS}/msp430)
  add_executable(${name}
    ${INAS_FIRMWARE_SOURCES} ${model}/model.c
    ${common}/start.S ${common}/arithmetic.S ${common}/multiplier_convolve.S
    ${common}/multiplier_depthwise.c)
  target_include_directories(${name} PRIVATE ${INAS_MSP430_BOARDS}/../include ${common} ${model})
  include(${INAS_MSP430_BOARDS}/${board}/board.cmake)
  # Last, so that what is measured lies as in the firmware: its lines of the FRAM cache are the same.
  target_sources(${name} PRIVATE ${INAS_MSP430_BOARDS}/${board}/bench.c ${model}/main.c)
  inas_msp430_options(${name} ${board} ${unit} 18432)

  inas_board_description(description ${board})
  file(READ ${description} json)
  inas_board_value(clock_hz "${json}" ${description} clock_hz)
  if(NOT lea)
    set(lea none)
  endif()
  target_compile_definitions(${name} PRIVATE
    INAS_BENCH_BOARD="${board}" INAS_BENCH_CLOCK_HZ=${clock_hz}ul INAS_BENCH_LEA="${lea}"
    INAS_BENCH_OPTIMIZATION="${INAS_OPTIMIZATION}"
    INAS_BENCH_BLOCK_MS=${INAS_BENCH_BLOCK_MS}u INAS_BENCH_PAUSE_MS=${INAS_BENCH_PAUSE_MS}u)
  if(INAS_BENCH_MEMORY STREQUAL "serial")
    target_compile_definitions(${name} PRIVATE INAS_BENCH_SERIAL)
  endif()

  # The version of the source tree, asked for at every build.
  set(version ${CMAKE_CURRENT_BINARY_DIR}/${name}-version)
  find_package(Git QUIET)
  file(STRINGS ${INAS_MSP430_BOARDS}/../../CMakeLists.txt project REGEX "^ *project\\(inas VERSION" LIMIT_COUNT 1)
  string(REGEX MATCH "[0-9.]+" project_version "${project}")
  add_custom_target(${name}-asks-version
    COMMAND ${CMAKE_COMMAND} -DVERSION=${project_version} -DSOURCE_DIR=${INAS_MSP430_BOARDS}/../..
            -DGIT=$<$<BOOL:${GIT_FOUND}>:${GIT_EXECUTABLE}>
            -DTEMPLATE=${model}/version.h.in -DOUTPUT=${version}/version.h
            -P ${INAS_MSP430_BOARDS}/../../cmake/InasVersion.cmake
    BYPRODUCTS ${version}/version.h VERBATIM)
  add_dependencies(${name} ${name}-asks-version)
  target_include_directories(${name} PRIVATE ${version})
endfunction()

set(INAS_BENCH_MEMORY on-chip CACHE STRING "What the micro-benchmarks measure: on-chip, serial")
set(INAS_BENCH_BLOCK_MS 10 CACHE STRING "How many ms the micro-benchmarks repeat a measurement")
set(INAS_BENCH_PAUSE_MS 0 CACHE STRING "How many ms they pause between measurements")

set(INAS_FIRMWARE_BOARD msp430fr5994 CACHE STRING "The board, by the name of its folder")
inas_find_boards(boards board.cmake)
if(NOT INAS_FIRMWARE_BOARD IN_LIST boards)
  list(JOIN boards ", " boards)
  message(FATAL_ERROR
    "INAS_FIRMWARE_BOARD: found ${INAS_FIRMWARE_BOARD}, allowed: ${boards}, which are the folders in "
    "${INAS_MSP430_BOARDS} that have a board.json and a board.cmake")
endif()
set(INAS_MODEL_DIR "" CACHE PATH "Folder of a dumped model; empty: a small example")
set(model ${INAS_MODEL_DIR})
if(NOT model)
  set(model ${CMAKE_CURRENT_LIST_DIR}/../example-model)
endif()
inas_add_msp430_firmware(inas-firmware ${INAS_FIRMWARE_BOARD} ${model})
if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/${INAS_FIRMWARE_BOARD}/bench.c)
  inas_add_msp430_bench(inas-bench ${INAS_FIRMWARE_BOARD})
  set_property(TARGET inas-bench inas-bench-asks-version PROPERTY EXCLUDE_FROM_ALL ON)
endif()
