# SOCI with the back-ends that the store of studies uses: the target SOCI::SOCI. Debian's package has no
# configuration of its own.
find_path(SOCI_INCLUDE_DIR soci/soci.h)
find_library(SOCI_core_LIBRARY soci_core)
find_library(SOCI_sqlite3_LIBRARY soci_sqlite3)
find_library(SOCI_postgresql_LIBRARY soci_postgresql)
find_library(SOCI_pq_LIBRARY pq)
# Their headers include those of the databases.
find_path(SOCI_sqlite3_INCLUDE_DIR sqlite3.h)
find_path(SOCI_postgresql_INCLUDE_DIR libpq-fe.h PATH_SUFFIXES postgresql)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SOCI DEFAULT_MSG
  SOCI_core_LIBRARY SOCI_sqlite3_LIBRARY SOCI_postgresql_LIBRARY SOCI_pq_LIBRARY SOCI_INCLUDE_DIR SOCI_sqlite3_INCLUDE_DIR
  SOCI_postgresql_INCLUDE_DIR)
if(SOCI_FOUND AND NOT TARGET SOCI::SOCI)
  add_library(SOCI::SOCI INTERFACE IMPORTED)
  target_include_directories(SOCI::SOCI SYSTEM INTERFACE
    ${SOCI_INCLUDE_DIR} ${SOCI_sqlite3_INCLUDE_DIR} ${SOCI_postgresql_INCLUDE_DIR})
  target_link_libraries(SOCI::SOCI INTERFACE
    ${SOCI_sqlite3_LIBRARY} ${SOCI_postgresql_LIBRARY} ${SOCI_core_LIBRARY} ${SOCI_pq_LIBRARY})
endif()
mark_as_advanced(SOCI_pq_LIBRARY SOCI_INCLUDE_DIR SOCI_core_LIBRARY SOCI_sqlite3_LIBRARY SOCI_postgresql_LIBRARY
  SOCI_sqlite3_INCLUDE_DIR SOCI_postgresql_INCLUDE_DIR)
