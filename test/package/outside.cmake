cmake_minimum_required(VERSION 3.25)
# Helpers of the package checks.

# Runs a command; its output, both streams, is in `output` afterwards. It must succeed.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed (${result}): ${ARGN}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# Configures SOURCE_DIR in WORK_DIR, where the installed package in PREFIX is found; further arguments go to
# CMake.
function(configure_outside)
  file(REMOVE_RECURSE ${WORK_DIR})
  run(${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${WORK_DIR} -G ${GENERATOR}
      -DCMAKE_PREFIX_PATH=${PREFIX} -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_C_COMPILER=${C_COMPILER}
      -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER}
      -DCMAKE_CXX_FLAGS=${CXX_FLAGS} -DCMAKE_FIND_PACKAGE_NO_PACKAGE_REGISTRY=ON ${ARGN})
endfunction()

# The same, and builds it.
function(build_outside)
  configure_outside(${ARGN})
  run(${CMAKE_COMMAND} --build ${WORK_DIR})
endfunction()

function(check_no_libtorch program)
  run(ldd ${program})
  if(output MATCHES "libtorch|libc10")
    message(FATAL_ERROR "the outside project loads LibTorch:\n${output}")
  endif()
endfunction()
