# cmake -D MODEL=DIR -D STAMP=FILE -P check_image.cmake: fails unless DIR/nvm.bin is the image that DIR/model.h
# was written with; then writes STAMP. Warns if the solution in the folder above has other weights.
cmake_minimum_required(VERSION 3.25)

if(EXISTS ${MODEL}/.inas-complete)
  message(FATAL_ERROR "${MODEL}: an inas-dump was ended before all its files were in place; run it again")
endif()

file(STRINGS ${MODEL}/model.h line REGEX "^#define INAS_MODEL_IMAGE_CRC32 ")
if(NOT line MATCHES "0x([0-9a-f]+)ul")
  message(FATAL_ERROR
    "${MODEL}/model.h: found no INAS_MODEL_IMAGE_CRC32, by which nvm.bin is checked; dump the solution again with "
    "this version's inas-dump")
endif()
set(expected ${CMAKE_MATCH_1})

# A gzip file ends with the CRC-32 and the size of what it holds, both little-endian.
file(ARCHIVE_CREATE OUTPUT ${STAMP}.gz PATHS ${MODEL}/nvm.bin FORMAT raw COMPRESSION GZip)
file(SIZE ${STAMP}.gz bytes)
math(EXPR trailer "${bytes} - 8")
file(READ ${STAMP}.gz found OFFSET ${trailer} LIMIT 4 HEX)
file(REMOVE ${STAMP}.gz)
string(REGEX REPLACE "(..)(..)(..)(..)" "\\4\\3\\2\\1" found ${found})
if(NOT found STREQUAL expected)
  message(FATAL_ERROR
    "${MODEL}/nvm.bin: found CRC-32 ${found}, allowed: ${expected}, which model.h names; the image is damaged or of "
    "another dump: run inas-dump again")
endif()

# The weights' checksum that a JSON file names under `key`, or an empty text.
function(weights_of file key result)
  set(${result} "" PARENT_SCOPE)
  if(EXISTS ${file})
    file(READ ${file} text)
    string(JSON checksum ERROR_VARIABLE error GET "${text}" ${key} crc32)
    if(error STREQUAL "NOTFOUND")
      set(${result} ${checksum} PARENT_SCOPE)
    endif()
  endif()
endfunction()

weights_of(${MODEL}/manifest.json solution_weights dumped)
weights_of(${MODEL}/../solution.json weights solution)
if(dumped AND solution AND NOT dumped STREQUAL solution)
  message(WARNING
    "${MODEL}: made from weights of CRC-32 ${dumped}, the solution in the folder above has ${solution}: run inas-dump "
    "again for the newer one")
endif()
file(WRITE ${STAMP} ${found})
