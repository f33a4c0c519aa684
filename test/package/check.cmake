# Builds consumer/ against the installed package, runs it and looks at what it loads.
include(${CMAKE_CURRENT_LIST_DIR}/outside.cmake)
build_outside()
run(${WORK_DIR}/budget)
if(NOT output MATCHES "^1\\.512")
  message(FATAL_ERROR "expected a budget of 1.5126 mJ, got: ${output}")
endif()
check_no_libtorch(${WORK_DIR}/budget)
