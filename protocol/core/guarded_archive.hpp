#pragma once
// Reads Cereal's portable binary format from bytes that nobody vouches for. Cereal's own archive
// believes any length: 17 bytes can make it allocate gigabytes. This one compares every length with
// what is left first, and grows vectors of objects only as their elements are really read.

#include <cereal/cereal.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/byte_reader.hpp"

namespace hippocrypt::protocol {

/// The first byte of cereal::PortableBinaryOutputArchive's little-endian output.
inline constexpr std::uint8_t portable_little_endian_mark = 1;

/// A Cereal input archive over a view that must outlive it. Throws cereal::Exception, which
/// decode() (envelope.hpp) turns into Errc::malformed: use that, not this class.
class GuardedInput : public cereal::InputArchive<GuardedInput, cereal::AllowEmptyClassElision> {
 public:
  /// Consumes the mark of the byte order.
  explicit GuardedInput(ByteView bytes) : InputArchive{this}, left_{bytes} {
    std::uint8_t mark = 0;
    copy_out(&mark, 1);
    if (mark != portable_little_endian_mark) throw cereal::Exception{"not little-endian"};
  }

  std::size_t left() const { return left_.size(); }

  void copy_out(void* destination, std::size_t count) {
    if (count > left_.size()) throw cereal::Exception{"truncated"};
    if (count > 0) std::memcpy(destination, left_.data(), count);
    left_ = left_.subspan(count);
  }

  /// A length of at most one element a byte: every element takes at least one.
  std::size_t read_length() {
    std::uint64_t length = 0;
    copy_out(&length, sizeof(length));
    if (length > left_.size()) throw cereal::Exception{"a length is larger than what is left"};
    return static_cast<std::size_t>(length);
  }

 private:
  ByteView left_;
};

// Cereal finds these by argument-dependent lookup.

template <class T>
std::enable_if_t<std::is_arithmetic_v<T>> CEREAL_LOAD_FUNCTION_NAME(GuardedInput& archive,
                                                                    T& value) {
  archive.copy_out(&value, sizeof(value));
}

// Any byte but 0 and 1 in a bool would be undefined behaviour.
inline void CEREAL_LOAD_FUNCTION_NAME(GuardedInput& archive, bool& value) {
  std::uint8_t byte = 0;
  archive.copy_out(&byte, 1);
  if (byte > 1) throw cereal::Exception{"a truth value is neither 0 nor 1"};
  value = byte == 1;
}

template <class T>
void CEREAL_LOAD_FUNCTION_NAME(GuardedInput& archive, cereal::NameValuePair<T>& pair) {
  archive(pair.value);
}

template <class T>
void CEREAL_LOAD_FUNCTION_NAME(GuardedInput& archive, cereal::SizeTag<T>& tag) {
  tag.size = static_cast<std::decay_t<T>>(archive.read_length());
}

template <class T>
void CEREAL_LOAD_FUNCTION_NAME(GuardedInput& archive, cereal::BinaryData<T>& data) {
  using Element = std::remove_pointer_t<std::remove_reference_t<T>>;
  static_assert(std::is_arithmetic_v<std::remove_cv_t<Element>> || std::is_void_v<Element>,
                "raw bytes are only copied into plain numbers");
  archive.copy_out(data.data, static_cast<std::size_t>(data.size));
}

// More special than Cereal's own overload, which resizes to the claimed length at once.
template <class T, class Allocator>
std::enable_if_t<!std::is_arithmetic_v<T>> CEREAL_LOAD_FUNCTION_NAME(
    GuardedInput& archive, std::vector<T, Allocator>& values) {
  const std::size_t count = archive.read_length();
  values.clear();
  for (std::size_t i = 0; i < count; ++i) archive(values.emplace_back());
}

/// The writing side: the bytes of cereal::PortableBinaryOutputArchive with LittleEndian options,
/// into a buffer of our own.
class EnvelopeOutput
    : public cereal::OutputArchive<EnvelopeOutput, cereal::AllowEmptyClassElision> {
 public:
  EnvelopeOutput() : OutputArchive{this} { append(&portable_little_endian_mark, 1); }

  void append(const void* source, std::size_t count) {
    const auto* const bytes = static_cast<const std::uint8_t*>(source);
    bytes_.insert(bytes_.end(), bytes, bytes + count);
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

template <class T>
std::enable_if_t<std::is_arithmetic_v<T>> CEREAL_SAVE_FUNCTION_NAME(EnvelopeOutput& archive,
                                                                    const T& value) {
  archive.append(&value, sizeof(value));
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(EnvelopeOutput& archive, const cereal::NameValuePair<T>& pair) {
  archive(pair.value);
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(EnvelopeOutput& archive, const cereal::SizeTag<T>& tag) {
  const auto length = static_cast<std::uint64_t>(tag.size);
  archive.append(&length, sizeof(length));
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(EnvelopeOutput& archive, const cereal::BinaryData<T>& data) {
  archive.append(data.data, static_cast<std::size_t>(data.size));
}

}  // namespace hippocrypt::protocol

// Cereal decides from the pair how a type is serialised, so that both sides decide alike.
CEREAL_SETUP_ARCHIVE_TRAITS(hippocrypt::protocol::GuardedInput,
                            hippocrypt::protocol::EnvelopeOutput)
