# Toolchain file: firmware for the MSP430 with clang and lld. It needs no C library and no msp430-gcc.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR msp430)

find_program(INAS_CLANG NAMES clang clang-14 REQUIRED)
find_program(INAS_LLD NAMES ld.lld ld.lld-14 REQUIRED)
foreach(tool IN ITEMS ar ranlib nm size readelf objdump objcopy)
  string(TOUPPER ${tool} name)
  find_program(INAS_LLVM_${name} NAMES llvm-${tool} llvm-${tool}-14 REQUIRED)
endforeach()
mark_as_advanced(INAS_CLANG INAS_LLD INAS_LLVM_AR INAS_LLVM_RANLIB INAS_LLVM_NM INAS_LLVM_SIZE
                 INAS_LLVM_READELF INAS_LLVM_OBJDUMP INAS_LLVM_OBJCOPY)

set(CMAKE_C_COMPILER ${INAS_CLANG})
set(CMAKE_C_COMPILER_TARGET msp430)
set(CMAKE_ASM_COMPILER ${INAS_CLANG})
set(CMAKE_ASM_COMPILER_TARGET msp430)
# CMake gives an assembler no target that did not tell its name within 10 s, as on a busy machine.
set(CMAKE_ASM_FLAGS_INIT --target=msp430)
set(CMAKE_AR ${INAS_LLVM_AR} CACHE FILEPATH "")
set(CMAKE_RANLIB ${INAS_LLVM_RANLIB} CACHE FILEPATH "")

# clang's driver would look for GNU tools of the target: lld is called directly.
set(CMAKE_C_LINK_EXECUTABLE
    "\"${INAS_LLD}\" <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES>")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_EXECUTABLE_SUFFIX_C .elf)

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
