# Writes OUTPUT, a C++ source with the texts of FILES, and for each script the hash by which a page's
# Content-Security-Policy allows it.

# SHA-256 of a file in base64, as a Content-Security-Policy has it.
function(base64_sha256 result file)
  string(ASCII 43 plus)
  set(digits ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${plus}/)
  file(SHA256 ${file} hex)
  set(text "")
  # 64 hex digits, and two zeros that end the last group: 6 digits are 4 of base64.
  foreach(start RANGE 0 60 6)
    string(SUBSTRING ${hex}00 ${start} 6 group)
    foreach(shift IN ITEMS 18 12 6 0)
      math(EXPR digit "(0x${group} >> ${shift}) & 63")
      string(SUBSTRING ${digits} ${digit} 1 digit)
      string(APPEND text ${digit})
    endforeach()
  endforeach()
  string(SUBSTRING ${text} 0 43 text)
  set(${result} "${text}=" PARENT_SCOPE)
endfunction()

set(source "#include \"assets.hpp\"\n\nnamespace inas::report {\nnamespace {\n")
set(functions "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  string(MAKE_C_IDENTIFIER ${name} name)
  file(READ ${file} text)
  # What would end the element that the text stands in, or begin a comment; and what readers of HTML change.
  foreach(forbidden IN ITEMS "</script" "</style" "<!--" "\r")
    string(FIND "${text}" "${forbidden}" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${file}: found '${forbidden}', which cannot stand inside an element of a page")
    endif()
  endforeach()
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "(....................................................................................................)" "\\1\n" bytes "${bytes}")
  string(APPEND source "constexpr unsigned char k_${name}[] = {\n${bytes}0};\n")
  string(APPEND functions
    "std::string_view ${name}() {\n"
    "  return {reinterpret_cast<const char*>(k_${name}), sizeof k_${name} - 1};\n}\n")
  if(file MATCHES "\\.js$")
    base64_sha256(hash ${file})
    string(APPEND functions "std::string_view ${name}_hash() { return \"sha256-${hash}\"; }\n")
  endif()
endforeach()
file(WRITE ${OUTPUT} "${source}}  // namespace\n\n${functions}}  // namespace inas::report\n")
