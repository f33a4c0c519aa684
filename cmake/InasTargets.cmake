# Options that every target of this project shares, as a target instead of global flags.
add_library(inas-options INTERFACE)
target_compile_options(inas-options INTERFACE
  -Wall -Wextra -Wpedantic
  $<$<COMPILE_LANGUAGE:CXX>:-Wconversion>
  $<$<COMPILE_LANGUAGE:C>:-Wconversion>
  $<$<BOOL:${INAS_WARNINGS_AS_ERRORS}>:-Werror>)

# The best design is chosen by exact comparison of doubles, ties included. A fused multiply-add rounds once
# where the published model rounds twice, which changes choices. Part of the model's arithmetic is inline in
# public headers, and a compiler that may use FMA contracts it in whatever program includes them: so this is
# a requirement of inas::core, and with it of all that link any of the libraries, in this project or outside.
add_library(inas-exact-doubles INTERFACE)
target_compile_options(inas-exact-doubles INTERFACE
  $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>:-ffp-contract=off>)
set_target_properties(inas-exact-doubles PROPERTIES EXPORT_NAME exact-doubles)

# inas_add_library(NAME <name> SOURCES <files>): the library libinas-<name>, alias inas::<name>, public
# headers in include/. It is a component of the installed package, which finds out from
# target_link_libraries which other components and packages it needs; packages whose targets do not begin
# with their name are set as the target's property INAS_PACKAGES.
function(inas_add_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES" ${ARGN})
  set(target libinas-${ARG_NAME})
  add_library(${target} ${ARG_SOURCES})
  add_library(inas::${ARG_NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ARG_NAME} OUTPUT_NAME inas-${ARG_NAME})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:inas-options>)
  if(INAS_BUILD_FUZZERS) # they follow the branches that the libraries take
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  set_property(GLOBAL APPEND PROPERTY INAS_COMPONENTS ${ARG_NAME})
  if(INAS_INSTALL)
    install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    install(TARGETS ${target} EXPORT inas-${ARG_NAME})
  endif()
endfunction()
