# Says which version this is: VERSION, and of a git tree "+", the commit and "-dirty" if files of it differ from
# the commit. Writes the C++ source OUTPUT from TEMPLATE, unless it says so already.
#   cmake -DVERSION=… -DSOURCE_DIR=… -DGIT=… -DTEMPLATE=… -DOUTPUT=… -P InasVersion.cmake
set(INAS_VERSION ${VERSION})

function(git result)
  execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} ${ARGN} OUTPUT_VARIABLE output RESULT_VARIABLE code
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT code EQUAL 0)
    set(output "")
  endif()
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

if(GIT)
  set(ENV{GIT_OPTIONAL_LOCKS} 0)
  # A released source tree may lie inside a repository of something else.
  git(top rev-parse --show-toplevel)
  file(REAL_PATH "${SOURCE_DIR}" here)
  if(top STREQUAL here)
    git(commit describe --always --dirty --abbrev=10 "--exclude=*")
    if(commit)
      string(APPEND INAS_VERSION "+${commit}")
    endif()
  endif()
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
