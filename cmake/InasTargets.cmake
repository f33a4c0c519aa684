# Options that every target of this project shares, as a target instead of global flags.
add_library(inas-options INTERFACE)
target_compile_options(inas-options INTERFACE
  -Wall -Wextra -Wpedantic
  $<$<COMPILE_LANGUAGE:CXX>:-Wconversion>
  $<$<COMPILE_LANGUAGE:C>:-Wconversion>
  $<$<BOOL:${INAS_WARNINGS_AS_ERRORS}>:-Werror>
  # The best design is chosen by exact comparison of doubles, ties included. A fused multiply-add
  # rounds once where the published model rounds twice, which changes choices.
  -ffp-contract=off)

# inas_add_library(NAME <name> SOURCES <files>): the library libinas-<name>, alias inas::<name>, public
# headers in include/. EXPORT names the export set, inasTargets unless given.
function(inas_add_library)
  cmake_parse_arguments(ARG "" "NAME;EXPORT" "SOURCES" ${ARGN})
  if(NOT ARG_EXPORT)
    set(ARG_EXPORT inasTargets)
  endif()
  set(target libinas-${ARG_NAME})
  add_library(${target} ${ARG_SOURCES})
  add_library(inas::${ARG_NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ARG_NAME} OUTPUT_NAME inas-${ARG_NAME})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:inas-options>)
  install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(TARGETS ${target} EXPORT ${ARG_EXPORT})
endfunction()
