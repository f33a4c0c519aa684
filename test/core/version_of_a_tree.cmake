# What InasVersion.cmake says of trees with and without git, and that it leaves a source alone that is right.
file(REMOVE_RECURSE ${WORK_DIR})
set(tree ${WORK_DIR}/tree)
file(WRITE ${tree}/file "1")
file(WRITE ${WORK_DIR}/template "@INAS_VERSION@")
set(written ${WORK_DIR}/written)

function(expect pattern folder)
  execute_process(COMMAND ${CMAKE_COMMAND} -DVERSION=1.2.3 -DSOURCE_DIR=${folder} -DGIT=${GIT}
                          -DTEMPLATE=${WORK_DIR}/template -DOUTPUT=${written} -P ${SCRIPT}
                  COMMAND_ERROR_IS_FATAL ANY)
  file(STRINGS ${written} version)
  if(NOT version MATCHES "^1\\.2\\.3${pattern}$")
    message(FATAL_ERROR "${folder}: expected 1.2.3${pattern}, found ${version}")
  endif()
endfunction()

function(git)
  execute_process(COMMAND ${GIT} -C ${tree} -c user.name=name -c user.email=name@example.com ${ARGN}
                  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# In the build folder of a git tree, the folder is not the tree's top: no commit.
expect("" ${tree})
git(init -q)
expect("" ${tree})
git(add file)
git(commit -q -m "One")
git(tag v9)
set(hex "[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]")
expect("\\+${hex}" ${tree})
file(WRITE ${tree}/inside/file "1")
expect("" ${tree}/inside)
expect("\\+${hex}" ${tree})
execute_process(COMMAND touch -d 2001-01-01 ${written} COMMAND_ERROR_IS_FATAL ANY)
expect("\\+${hex}" ${tree})
file(TIMESTAMP ${written} year "%Y")
if(NOT year EQUAL 2001)
  message(FATAL_ERROR "the source was written although it was right")
endif()
file(WRITE ${tree}/file "2")
expect("\\+${hex}-dirty" ${tree})
set(GIT "")
expect("" ${tree})
