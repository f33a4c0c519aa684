# Builds consumers/ against one component of the installed package while every package that the component
# does not need cannot be found, runs it and looks at what it loads.
include(${CMAKE_CURRENT_LIST_DIR}/outside.cmake)
set(hidden fmt TBB Threads ZLIB Eigen3 nlohmann_json Torch Boost Protobuf ONNX)
list(REMOVE_ITEM hidden ${PACKAGES})
list(TRANSFORM hidden REPLACE "(.+)" "-DCMAKE_DISABLE_FIND_PACKAGE_\\1=ON")
build_outside(-DINAS_COMPONENT=${COMPONENT} ${hidden})
run(${WORK_DIR}/consumer)
if(NOT output MATCHES "${EXPECTED}")
  message(FATAL_ERROR "expected '${EXPECTED}', got: ${output}")
endif()
if(NOT Torch IN_LIST PACKAGES)
  check_no_libtorch(${WORK_DIR}/consumer)
endif()
