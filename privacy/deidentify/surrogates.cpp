#include "privacy/deidentify/surrogates.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/hmac.hpp"
#include "base/secret_file.hpp"
#include "privacy/deidentify/lexicon.hpp"

namespace hippocrypt::privacy {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char to_upper(char c) { return is_lower(c) ? static_cast<char>(c - 32) : c; }

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = is_upper(c) ? static_cast<char>(c + 32) : c;
  return out;
}

/// Written as `like` is: ALL CAPS, lower case, or with a capital.
std::string in_case_of(std::string_view like, std::string word) {
  const bool any_lower = std::any_of(like.begin(), like.end(), is_lower);
  if (!any_lower && like.size() > 1) {
    std::transform(word.begin(), word.end(), word.begin(), to_upper);
  } else if (!like.empty() && !is_lower(like.front()) && !word.empty()) {
    word.front() = to_upper(word.front());
  }
  return word;
}

}  // namespace

Result<SecretBytes> read_or_create_surrogate_key(const std::string& path, RandomSource& random) {
  SecretBytes fresh{surrogate_key_bytes};
  random.fill(fresh.reveal());
  std::string made = to_hex(fresh.reveal()) + "\n";
  const auto is_new = create_secret_file(path, as_bytes(made));
  secure_wipe(made.data(), made.size());
  if (!is_new) return is_new.error();
  if (*is_new) return fresh;
  HIPPOCRYPT_TRY(const bool is_open, is_open_to_others(path));
  if (is_open) {
    return Error{Errc::out_of_range,
                 path + ": the key may be read by others; chmod 600 it, or use a new one"};
  }
  HIPPOCRYPT_TRY(const std::string text, read_text_file(path, 4096));
  const std::size_t end = text.find_last_not_of(" \r\n");
  const auto bytes = from_hex(text.substr(0, end == std::string::npos ? 0 : end + 1));
  if (!bytes || bytes->size() != surrogate_key_bytes) {
    return Error{Errc::malformed, path + ": a key is 64 hexadecimal digits"};
  }
  SecretBytes key{surrogate_key_bytes};
  std::copy(bytes->begin(), bytes->end(), key.reveal().begin());
  return key;
}

class PatientSurrogates::Stream {
 public:
  Stream(const SecretBytes& key, std::string label) : key_{key}, label_{std::move(label)} {}
  std::uint32_t below(std::uint32_t bound) {
    std::uint32_t word = 0;
    for (int i = 0; i < 4; ++i) word = word << 8 | next();
    return word % bound;  // a bias of 2^-20 does not matter here
  }

 private:
  std::uint8_t next() {
    if (used_ == 0) {
      block_ = HmacSha256{key_}.add(as_bytes(label_ + fmt::format("|{}", count_++))).finish();
    }
    const std::uint8_t byte = block_[used_];
    used_ = (used_ + 1) % block_.size();
    return byte;
  }
  const SecretBytes& key_;
  std::string label_;
  Hash256 block_{};
  std::size_t used_ = 0;
  std::uint64_t count_ = 0;
};

PatientSurrogates::PatientSurrogates(std::shared_ptr<const SecretBytes> key, std::string patient_id)
    : key_{std::move(key)}, patient_id_{std::move(patient_id)} {}

std::uint64_t PatientSurrogates::ordinal(Category category, const std::string& value) {
  const auto found = ordinals_.find({category, value});
  if (found != ordinals_.end()) return found->second;
  const std::uint64_t next = ordinals_.size();
  if (ordinals_.size() < max_values) ordinals_.emplace(std::pair{category, value}, next);
  return next;
}

namespace {
std::string label_of(const std::string& patient, Category category, std::uint64_t ordinal) {
  return fmt::format("surrogate|{}|{}|{}|{}", patient.size(), patient, to_string(category),
                     ordinal);
}
}  // namespace

std::string PatientSurrogates::name_word(std::string_view word) {
  const std::string key = lower(word);
  Stream stream{*key_, label_of(patient_id_, Category::name, ordinal(Category::name, key))};
  const Lexicon& lexicon = Lexicon::instance();
  const std::uint32_t classes = lexicon.classes(key);
  const bool first = (classes & word_first_name) != 0 && (classes & word_last_name) == 0;
  const auto& list = first ? lexicon.first_names() : lexicon.last_names();
  const std::string& drawn = list[stream.below(static_cast<std::uint32_t>(list.size()))];
  if (word.size() == 1) return std::string(1, in_case_of(word, drawn).front());
  return in_case_of(word, drawn);
}

std::string PatientSurrogates::value(Category category, std::string_view value) {
  Stream stream{*key_, label_of(patient_id_, category, ordinal(category, lower(value)))};
  if (category == Category::email) return fmt::format("person{}@example.org", stream.below(100000));
  if (category == Category::url) return fmt::format("https://example.org/{}", stream.below(100000));
  if (category == Category::ip) return fmt::format("192.0.2.{}", 1 + stream.below(254));
  if (category == Category::age) return "90+";
  const bool has_digit = std::any_of(value.begin(), value.end(), is_digit);
  if (category == Category::location && !has_digit) {
    const auto& cities = Lexicon::instance().city_names();
    std::string city = cities[stream.below(static_cast<std::uint32_t>(cities.size()))];
    for (std::size_t i = 0; i < city.size(); ++i) {
      if (i == 0 || city[i - 1] == ' ') city[i] = to_upper(city[i]);
    }
    return in_case_of(value, city);
  }
  std::string out;
  for (const char c : value) {
    if (is_digit(c)) {
      out += static_cast<char>('0' + stream.below(10));
    } else if (is_upper(c)) {
      out += static_cast<char>('A' + stream.below(26));
    } else if (is_lower(c)) {
      out += static_cast<char>('a' + stream.below(26));
    } else if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else if (static_cast<unsigned char>(c) >= 0xC0) {
      out += 'x';  // one for each character beyond ASCII
    }
  }
  return out;
}

int PatientSurrogates::date_offset_days() const {
  Stream stream{*key_, fmt::format("dates|{}", patient_id_)};
  return -1 - static_cast<int>(stream.below(365));
}

}  // namespace hippocrypt::privacy
