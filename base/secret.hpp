#pragma once
// Memory for secrets: move-only, wiped when it dies, with no way to print, copy or serialise it.

#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace hippocrypt {

/// Overwrites memory in a way that the compiler may not remove (OPENSSL_cleanse).
void secure_wipe(void* data, std::size_t size_bytes);

/// A fixed-size array of secret values of a trivial type.
template <class T>
requires std::is_trivially_copyable_v<T>
class SecretArray {
 public:
  SecretArray() = default;
  explicit SecretArray(std::size_t count) : values_(count) {}
  SecretArray(SecretArray&& other) noexcept : values_{std::move(other.values_)} {
    other.values_.clear();
  }
  SecretArray& operator=(SecretArray&& other) noexcept {
    if (this != &other) {
      wipe();
      values_ = std::move(other.values_);
      other.values_.clear();
    }
    return *this;
  }
  SecretArray(const SecretArray&) = delete;
  SecretArray& operator=(const SecretArray&) = delete;
  ~SecretArray() { wipe(); }

  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  std::span<T> reveal() { return values_; }
  std::span<const T> reveal() const { return values_; }

 private:
  void wipe() {
    if (!values_.empty()) secure_wipe(values_.data(), values_.size() * sizeof(T));
  }
  std::vector<T> values_;
};

using SecretBytes = SecretArray<std::uint8_t>;

}  // namespace hippocrypt
