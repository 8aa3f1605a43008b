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
if(HIPPOCRYPT_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "HIPPOCRYPT_FUZZERS needs clang: cmake --preset fuzz")
  endif()
  target_compile_options(hippocrypt_options INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -g)
  target_link_options(hippocrypt_options INTERFACE -fsanitize=address,undefined)
endif()

# Flags of the translation units that are compiled once per instruction set.
set(HIPPOCRYPT_AVX2_OPTIONS "-mavx2;-mfma;-ffp-contract=off;-O3")
set(HIPPOCRYPT_AVX512_OPTIONS
    "-mavx512f;-mavx512dq;-mavx512bw;-mavx512vl;-mavx2;-mfma;-ffp-contract=off;-O3")
list(APPEND HIPPOCRYPT_AVX512_OPTIONS  # GCC 105593: false warnings inside its own intrinsics
     "$<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-uninitialized>")
set(HIPPOCRYPT_AVX_VNNI_OPTIONS "${HIPPOCRYPT_AVX2_OPTIONS};-mavxvnni")
set(HIPPOCRYPT_AVX512_VNNI_OPTIONS "${HIPPOCRYPT_AVX512_OPTIONS};-mavx512vnni")
set(HIPPOCRYPT_AMX_OPTIONS "${HIPPOCRYPT_AVX512_OPTIONS};-mamx-tile;-mamx-int8")
