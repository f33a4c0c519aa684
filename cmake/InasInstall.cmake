include(CMakePackageConfigHelpers)

set(inas_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/inas)
configure_package_config_file(cmake/inasConfig.cmake.in inasConfig.cmake
                              INSTALL_DESTINATION ${inas_package_dir})
write_basic_package_version_file(inasConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/inasConfig.cmake ${PROJECT_BINARY_DIR}/inasConfigVersion.cmake
        DESTINATION ${inas_package_dir})
install(EXPORT inasTargets NAMESPACE inas:: DESTINATION ${inas_package_dir})
if(INAS_BUILD_NAS)
  install(EXPORT inasNasTargets NAMESPACE inas:: DESTINATION ${inas_package_dir})
endif()
