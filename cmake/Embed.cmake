# hippocrypt_embed(OUT HEADER NAMESPACE FUNCTION FILES...): writes the C++ source OUT, in which FUNCTION gives the
# text of a file by its name without folder and extension. A changed file makes CMake configure again.
function(hippocrypt_embed out header namespace function)
  set(rows "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND rows "    {\"${name}\", R\"embedded(${text})embedded\"},\n")
  endforeach()
  string(CONCAT source "#include \"${header}\"\n\n#include \"base/check.hpp\"\n\nnamespace ${namespace} {\n\n"
    "std::string_view ${function}(std::string_view name) {\n  struct File {\n    std::string_view name, text;\n  };\n"
    "  static constexpr File files[] = {\n${rows}  };\n  for (const File& file : files) {\n"
    "    if (file.name == name) return file.text;\n  }\n  HIPPOCRYPT_CHECK(false);\n  return {};\n}\n\n"
    "}  // namespace ${namespace}\n")
  file(WRITE ${out}.new "${source}")
  configure_file(${out}.new ${out} COPYONLY)  # touches it only where it differs
endfunction()
