# hippocrypt_options: warnings, sanitizers and floating-point rules of every target of ours.
add_library(hippocrypt_options INTERFACE)
target_compile_options(hippocrypt_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wdouble-promotion
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2 -Wswitch-enum
  -ffp-contract=off)  # the same rounding whatever the instruction set
if(HIPPOCRYPT_WERROR)
  target_compile_options(hippocrypt_options INTERFACE -Werror)
endif()
if(HIPPOCRYPT_SANITIZE)
  target_compile_options(hippocrypt_options INTERFACE
    -fsanitize=${HIPPOCRYPT_SANITIZE} -fno-omit-frame-pointer -g)
  target_link_options(hippocrypt_options INTERFACE -fsanitize=${HIPPOCRYPT_SANITIZE})
endif()
