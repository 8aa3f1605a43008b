#pragma once
// Builds GGUF files byte by byte, right ones and wrong ones; independent of the writer in model/.

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_reader.hpp"
#include "base/matrix.hpp"
#include "base/shared_bytes.hpp"
#include "model/files/gguf/gguf_file.hpp"

namespace hippocrypt::model {

class GgufBuilder {
 public:
  std::uint32_t version = 3;
  std::uint64_t alignment = 32;
  std::uint64_t extra_pairs = 0, extra_tensors = 0;  ///< claimed, but not there

  void text(std::string_view key, std::string_view value) {
    begin_pair(key, 8);
    put_text(pairs_, value);
  }
  template <class T>
  void value(std::string_view key, std::uint32_t type, T number) {
    begin_pair(key, type);
    pairs_.write(number);
  }
  void u32(std::string_view key, std::uint32_t number) { value(key, 4, number); }
  void f32(std::string_view key, float number) { value(key, 6, number); }
  void flag(std::string_view key, bool on) { value(key, 7, static_cast<std::uint8_t>(on)); }
  /// A list's head with any claim; elements follow by append().
  void list(std::string_view key, std::uint32_t element, std::uint64_t count) {
    begin_pair(key, 9);
    pairs_.write(element);
    pairs_.write(count);
  }
  void append_text(std::string_view item) { put_text(pairs_, item); }
  template <class T>
  void append(T item) {
    pairs_.write(item);
  }

  /// `dimensions` as in the file, the fastest first.
  void tensor(std::string_view name, std::vector<std::uint64_t> dimensions, std::uint32_t type,
              ByteView data) {
    entry(name, std::move(dimensions), type, data_.size());
    data_.insert(data_.end(), data.begin(), data.end());
    data_.resize((data_.size() + alignment - 1) / alignment * alignment);
  }
  void floats(std::string_view name, std::vector<std::uint64_t> dimensions,
              std::span<const float> values) {
    tensor(name, std::move(dimensions), 0,
           {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()});
  }
  /// An entry of the table with any claim.
  void entry(std::string_view name, std::vector<std::uint64_t> dimensions, std::uint32_t type,
             std::uint64_t offset) {
    ++tensor_count_;
    put_text(table_, name);
    table_.write(static_cast<std::uint32_t>(dimensions.size()));
    for (const std::uint64_t extent : dimensions) table_.write(extent);
    table_.write(type);
    table_.write(offset);
  }

  Bytes build() const {
    ByteWriter out;
    out.append(as_bytes("GGUF"));
    out.write(version);
    out.write(tensor_count_ + extra_tensors);
    out.write(pair_count_ + extra_pairs);
    ByteWriter pairs = pairs_;
    out.append(std::move(pairs).take());
    ByteWriter table = table_;
    out.append(std::move(table).take());
    Bytes bytes = std::move(out).take();
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
    bytes.insert(bytes.end(), data_.begin(), data_.end());
    return bytes;
  }
  Result<GgufFile> parse() const { return GgufFile::parse(SharedBytes{build()}, "made.gguf"); }

 private:
  static void put_text(ByteWriter& out, std::string_view text) {
    out.write(std::uint64_t{text.size()});
    out.append(as_bytes(text));
  }
  void begin_pair(std::string_view key, std::uint32_t type) {
    ++pair_count_;
    put_text(pairs_, key);
    pairs_.write(type);
  }

  std::uint64_t pair_count_ = 0, tensor_count_ = 0;
  ByteWriter pairs_, table_;
  Bytes data_;
};

}  // namespace hippocrypt::model
