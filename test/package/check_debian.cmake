# Makes the Debian package, looks at what it holds and asks for, unpacks it and runs a program from there.
include(${CMAKE_CURRENT_LIST_DIR}/outside.cmake)
file(REMOVE_RECURSE ${WORK_DIR})
run(${CMAKE_CPACK_COMMAND} -G DEB --config ${BUILD_DIR}/CPackConfig.cmake -B ${WORK_DIR})
file(GLOB package ${WORK_DIR}/inas_*.deb)
if(NOT package)
  message(FATAL_ERROR "cpack left no package: ${output}")
endif()

run(${DPKG_DEB} --field ${package} Depends)
foreach(library IN ITEMS libc6 libfmt9 libtbb12 libboost-program-options zlib1g)
  if(NOT output MATCHES "${library}")
    message(FATAL_ERROR "the package does not depend on ${library}: ${output}")
  endif()
endforeach()

run(${DPKG_DEB} --contents ${package})
foreach(file IN ITEMS bin/inas-eval bin/inas-dump include/inas/core/version.hpp lib.*/libinas-core
                      lib.*/cmake/inas/inasConfig.cmake share/inas/configs/default.json
                      share/doc/inas/copyright)
  if(NOT output MATCHES "\\./usr/${file}")
    message(FATAL_ERROR "the package does not hold usr/${file}:\n${output}")
  endif()
endforeach()

set(root ${WORK_DIR}/root)
run(${DPKG_DEB} --extract ${package} ${root})
run(${root}/usr/bin/inas-eval --choices 3,12,2,1,1,3,12,1,1,2,3,32,1,1,1,5,32,1,0,1
    --settings ${root}/usr/share/inas/configs/default.json --latreq 60)
if(NOT output MATCHES "30780 weights")
  message(FATAL_ERROR "inas-eval of the package says: ${output}")
endif()
