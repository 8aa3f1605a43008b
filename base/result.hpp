#pragma once
// Errors of the world (peers, files, configs, budgets) travel as values: Result<T> holds a T or an
// Error. Our own mistakes are not errors: they end the process through HIPPOCRYPT_CHECK
// (check.hpp).

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.hpp"

namespace hippocrypt {

/// Why something failed. Closed: a new cause is a new enumerator, documented where it is returned.
enum class Errc {
  not_found,         ///< a file, key or entry that must exist does not
  io,                ///< the operating system refused to read, write or sync
  malformed,         ///< bytes or text that do not follow their format
  unsupported,       ///< well formed, but of a kind or version that we do not handle
  out_of_range,      ///< a value outside what is allowed
  mismatch,          ///< two things that must belong together do not (fingerprint, shape, hash)
  limit_exceeded,    ///< larger than a stated maximum
  not_finite,        ///< NaN or infinity where a number is needed
  budget_exhausted,  ///< the privacy budget does not allow this step
  tampered,          ///< a ledger or file whose hashes do not agree
  stale,             ///< made for something that has been replaced since: fetch that anew
  unavailable,       ///< a peer or resource that cannot be reached now
  deadline,          ///< no answer in time
  cancelled,         ///< the user asked to stop
  invalid_config,    ///< a configuration that cannot be run
};

/// Short stable name, for logs and JSON.
const char* to_string(Errc code);

/// A cause and one sentence that names it and the way out; never contains a secret.
struct Error {
  Errc code;
  std::string detail;
};

/// "code: detail"
std::string to_string(const Error& error);

/// A value or an Error. Check has_value() (or use HIPPOCRYPT_TRY) before value().
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_{std::in_place_index<0>, std::move(value)} {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_{std::in_place_index<1>, std::move(error)} {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & {
    HIPPOCRYPT_CHECK(has_value(), to_string_if_error());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    HIPPOCRYPT_CHECK(has_value(), to_string_if_error());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    HIPPOCRYPT_CHECK(has_value(), to_string_if_error());
    return std::move(*std::get_if<0>(&state_));
  }
  const Error& error() const& {
    HIPPOCRYPT_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    HIPPOCRYPT_CHECK(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::string to_string_if_error() const {
    return has_value() ? std::string{} : to_string(error());
  }
  std::variant<T, Error> state_;
};

/// Success without a value.
struct Ok {};

template <>
class [[nodiscard]] Result<void> : public Result<Ok> {
 public:
  Result() : Result<Ok>{Ok{}} {}
  Result(Ok ok) : Result<Ok>{ok} {}                      // NOLINT(google-explicit-constructor)
  Result(Error error) : Result<Ok>{std::move(error)} {}  // NOLINT(google-explicit-constructor)
};

using Status = Result<void>;

}  // namespace hippocrypt

#define HIPPOCRYPT_CONCAT_INNER(a, b) a##b
#define HIPPOCRYPT_CONCAT(a, b) HIPPOCRYPT_CONCAT_INNER(a, b)

/// HIPPOCRYPT_TRY(auto x, f()): x = f()'s value, or return f()'s Error from the enclosing function.
#define HIPPOCRYPT_TRY(declaration, expression)                                \
  auto HIPPOCRYPT_CONCAT(hippocrypt_result_, __LINE__) = (expression);         \
  if (!HIPPOCRYPT_CONCAT(hippocrypt_result_, __LINE__).has_value())            \
    return std::move(HIPPOCRYPT_CONCAT(hippocrypt_result_, __LINE__)).error(); \
  declaration = /* NOLINT(bugprone-macro-parentheses) */                       \
      std::move(HIPPOCRYPT_CONCAT(hippocrypt_result_, __LINE__)).value()

/// The same for a Status, or where the value is not needed.
#define HIPPOCRYPT_TRY_VOID(expression)                                              \
  do {                                                                               \
    auto hippocrypt_status = (expression);                                           \
    if (!hippocrypt_status.has_value()) return std::move(hippocrypt_status).error(); \
  } while (false)
