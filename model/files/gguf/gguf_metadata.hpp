#pragma once
// The typed key-value pairs at the head of a GGUF file. Nothing is copied until it is asked for:
// keys, texts and lists are views of the file's bytes.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.hpp"
#include "base/result.hpp"

namespace hippocrypt::model {

/// The types of values, numbered as in the file.
enum class GgufType : std::uint32_t {
  u8 = 0,
  i8 = 1,
  u16 = 2,
  i16 = 3,
  u32 = 4,
  i32 = 5,
  f32 = 6,
  boolean = 7,
  text = 8,
  list = 9,
  u64 = 10,
  i64 = 11,
  f64 = 12
};

/// One value as it lies in the file; `bytes` has been checked to hold it.
struct GgufValue {
  GgufType type;
  GgufType element;     ///< of a list; else the same as type
  std::uint64_t count;  ///< elements of a list; else 1
  ByteView bytes;       ///< texts keep their lengths before them
};

/// `raw` for an error's sentence: what is not printable becomes '?', and a long text is cut.
std::string printable(std::string_view raw);

/// Read-only. The bytes it was read from must outlive it. Every accessor's errors: malformed (an
/// absent key, a value of another type), limit_exceeded (a list of more than `limit` elements).
class GgufMetadata {
 public:
  GgufMetadata() = default;
  /// Reads `count` pairs. Errors: malformed (cut off, a key twice, no such type), limit_exceeded
  /// (more pairs than max_gguf_entries), unsupported (lists of lists).
  static Result<GgufMetadata> read(ByteReader& reader, std::uint64_t count, std::string source);

  bool has(std::string_view key) const { return values_.contains(key); }
  /// Whether the value is a list.
  bool is_list(std::string_view key) const;

  /// A whole number of any integer type, not negative.
  Result<std::uint64_t> unsigned_value(std::string_view key) const;
  Result<std::uint64_t> unsigned_or(std::string_view key, std::uint64_t otherwise) const;
  /// A number of any type. A float gives the number whose shortest decimal form it is, 1e-5 and not
  /// 9.99999975e-6: so a model is the same whichever format it was read from.
  Result<double> number(std::string_view key) const;
  Result<double> number_or(std::string_view key, double otherwise) const;
  Result<std::string> text(std::string_view key) const;
  Result<std::string> text_or(std::string_view key, std::string otherwise) const;
  Result<bool> flag_or(std::string_view key, bool otherwise) const;

  /// Lists. Texts are views of the file.
  Result<std::vector<std::string_view>> texts(std::string_view key, std::size_t limit) const;
  Result<std::vector<float>> floats(std::string_view key, std::size_t limit) const;
  /// Of any integer type.
  Result<std::vector<std::int64_t>> integers(std::string_view key, std::size_t limit) const;

  /// "source: key must be <wanted>", for callers that read a value of their own kind.
  Error wrong(std::string_view key, std::string_view wanted) const;

 private:
  Result<const GgufValue*> require(std::string_view key) const;
  Result<const GgufValue*> require_list(std::string_view key, std::size_t limit) const;

  std::string source_;
  std::map<std::string_view, GgufValue> values_;
};

/// Pairs, and tensors, of one file; published ones have below a hundred and some thousand.
inline constexpr std::uint64_t max_gguf_entries = std::uint64_t{1} << 16;
inline constexpr std::uint64_t max_gguf_key_bytes = 65535;

/// A text with its length before it. Errors: malformed (cut off), limit_exceeded.
Result<std::string_view> read_gguf_text(ByteReader& reader, std::uint64_t limit_bytes);

}  // namespace hippocrypt::model
