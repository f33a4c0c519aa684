# The installed package: every library is a component with an export file of its own, so that
# find_package(inas COMPONENTS …) loads what was asked for and looks for what that needs, and nothing else.
include(CMakePackageConfigHelpers)
get_property(INAS_COMPONENTS GLOBAL PROPERTY INAS_COMPONENTS)

# What the users of a component need, from what the target links: other components into
# <component>_NEEDS, packages (the names before their targets' ::) into <component>_PACKAGES.
set(INAS_COMPONENT_TABLE "")
foreach(component IN LISTS INAS_COMPONENTS)
  get_target_property(links libinas-${component} INTERFACE_LINK_LIBRARIES)
  get_target_property(packages libinas-${component} INAS_PACKAGES)
  if(NOT packages)
    set(packages "")
  endif()
  set(needs "")
  foreach(link IN LISTS links)
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" link "${link}")
    if(link MATCHES "^inas::(.+)$")
      list(APPEND needs ${CMAKE_MATCH_1})
    elseif(link MATCHES "^([A-Za-z0-9_]+)::")
      list(APPEND packages ${CMAKE_MATCH_1})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES packages)
  string(APPEND INAS_COMPONENT_TABLE
    "set(inas_${component}_needs ${needs})\nset(inas_${component}_packages ${packages})\n")
endforeach()

set(inas_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/inas)
foreach(component IN LISTS INAS_COMPONENTS)
  install(EXPORT inas-${component} NAMESPACE inas:: DESTINATION ${inas_package_dir})
endforeach()
configure_package_config_file(cmake/inasConfig.cmake.in inasConfig.cmake
                              INSTALL_DESTINATION ${inas_package_dir})
write_basic_package_version_file(inasConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/inasConfig.cmake ${PROJECT_BINARY_DIR}/inasConfigVersion.cmake cmake/FindSOCI.cmake
        DESTINATION ${inas_package_dir})

install(DIRECTORY configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/inas/configs)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

# cpack -G DEB: one package with programs, libraries and headers. What the programs load is found by
# dpkg-shlibdeps; what linking the libraries needs is only suggested.
if(PROJECT_IS_TOP_LEVEL)
  set(CPACK_PACKAGE_VENDOR iNAS)
  set(CPACK_PACKAGE_CONTACT "The iNAS maintainers")
  set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  set(CPACK_STRIP_FILES ON)
  set(CPACK_VERBATIM_VARIABLES ON)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_SECTION science)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libfmt-dev, libtbb-dev, zlib1g-dev, libpng-dev, libturbojpeg0-dev, libsndfile1-dev, libonnx-dev, libtorch-dev, libsoci-dev")
  include(CPack)
endif()
