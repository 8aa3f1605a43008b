#pragma once
// HIPPOCRYPT_CHECK(condition [, message]): always on; ends the process with file, line and
// condition. For our own mistakes only, never for input.

#include <string>

namespace hippocrypt {

/// Prints where and what to standard error and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const std::string& message = {});

}  // namespace hippocrypt

#define HIPPOCRYPT_CHECK(condition, ...) \
  (static_cast<bool>(condition)          \
       ? static_cast<void>(0)            \
       : ::hippocrypt::check_failed(__FILE__, __LINE__, #condition __VA_OPT__(, ) __VA_ARGS__))
