# hippocrypt_library(name SOURCES ... HEADERS ... PUBLIC libs PRIVATE libs): one static library a folder,
# with an alias hippocrypt::name and a header set that the dev preset compiles header by header.
function(hippocrypt_library name)
  cmake_parse_arguments(ARG "" "" "HEADERS;SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${name} PRIVATE hippocrypt_options ${ARG_PRIVATE})
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(hippocrypt::${name} ALIAS ${name})
  target_sources(${name} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
  target_link_libraries(${name} ${scope} ${ARG_PUBLIC})
endfunction()

# hippocrypt_test(name SOURCES ... LIBS ... [LABELS ...]): a GoogleTest binary; every TEST is one CTest entry.
function(hippocrypt_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE hippocrypt_options ${ARG_LIBS} GTest::gtest_main GTest::gmock)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE HIPPOCRYPT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set(cost 1)  # ctest starts with what costs most: fast tests first
  if("unit" IN_LIST ARG_LABELS)
    set(cost 100)
  endif()
  # Discovery would take a list apart. CTest looks for -L anywhere in a label, so that one is enough.
  list(JOIN ARG_LABELS "+" labels)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
    PROPERTIES COST ${cost} LABELS "${labels}" TIMEOUT ${ARG_TIMEOUT} SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
endfunction()
