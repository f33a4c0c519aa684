# Decides, once, whether the tests against the reference vectors are built.
if(IS_DIRECTORY "${INAS_REFERENCE_DIR}")
  set(INAS_HAVE_REFERENCE TRUE)
elseif(INAS_REQUIRE_REFERENCE)
  message(FATAL_ERROR "INAS_REFERENCE_DIR: ${INAS_REFERENCE_DIR} is not a folder, "
                      "and INAS_REQUIRE_REFERENCE asks for the reference vectors")
else()
  set(INAS_HAVE_REFERENCE FALSE)
  message(STATUS "Not built: the tests against the published reference vectors, because "
                 "${INAS_REFERENCE_DIR} does not exist; the oracle in test/oracle covers the same ground")
endif()
