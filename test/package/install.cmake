# Installs the build into PREFIX.
include(${CMAKE_CURRENT_LIST_DIR}/outside.cmake)
file(REMOVE_RECURSE ${PREFIX})
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${PREFIX})
