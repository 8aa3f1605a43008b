#include "privacy/token_cipher/cipher_key.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/format_version.hpp"
#include "base/secret_file.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::string_view line_start = "hippocrypt token cipher key, version ";
constexpr std::uint64_t file_version = 1;

std::string first_line() { return std::string{line_start} + std::to_string(file_version); }
constexpr std::size_t max_key_file_bytes = std::size_t{64} << 20;

void append_numbers(std::string& text, std::string_view name, std::span<const std::uint32_t> list) {
  text += name;
  for (const std::uint32_t value : list) text += ' ' + std::to_string(value);
  text += '\n';
}

/// "name 1 2 3"; nothing when the line has another name or something else than numbers.
std::optional<std::vector<std::uint32_t>> numbers_of(std::string_view line, std::string_view name) {
  if (line.substr(0, name.size()) != name) return {};
  line.remove_prefix(name.size());
  std::vector<std::uint32_t> list;
  while (!line.empty()) {
    if (line.front() != ' ') return {};
    line.remove_prefix(1);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error != std::errc{}) return {};
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    list.push_back(value);
  }
  return list;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

Result<CipherKey> parse(const std::filesystem::path& path, std::string_view text) {
  const auto refuse = [&](int line, std::string_view expected) {
    return Error{Errc::malformed, fmt::format("{}:{}: not a token cipher's key file (expected {})",
                                              path.string(), line, expected)};
  };
  const auto version = version_in_line(take_line(text), line_start);
  if (!version) return refuse(1, first_line());
  HIPPOCRYPT_TRY_VOID(check_version(path.string(), *version, file_version));
  CipherKey key;
  std::string_view line = take_line(text);
  if (line.substr(0, 4) != "key ") return refuse(2, "'key' and 64 hexadecimal digits");
  auto secret = from_hex(line.substr(4));
  if (!secret || secret->size() != cipher_key_bytes) {
    return refuse(2, "'key' and 64 hexadecimal digits");
  }
  key.key = SecretBytes{cipher_key_bytes};
  std::copy(secret->begin(), secret->end(), key.key.reveal().begin());
  secure_wipe(secret->data(), secret->size());
  auto fixed = numbers_of(take_line(text), "fixed");
  if (!fixed) return refuse(3, "'fixed' and ids");
  auto homophones = numbers_of(take_line(text), "homophones");
  if (!homophones || !text.empty()) return refuse(4, "'homophones' and counts, and then the end");
  key.plan = {std::move(*fixed), std::move(*homophones)};
  HIPPOCRYPT_TRY_VOID(key.plan.check());
  return key;
}

}  // namespace

CipherKey CipherKey::generate(CipherPlan plan, RandomSource& random) {
  CipherKey key{std::move(plan), SecretBytes{cipher_key_bytes}};
  random.fill(key.key.reveal());
  return key;
}

Status save_cipher_key(const std::filesystem::path& path, const CipherKey& key) {
  HIPPOCRYPT_TRY_VOID(key.plan.check());
  std::string text = first_line();
  text += "\nkey " + to_hex(key.key.reveal()) + '\n';
  append_numbers(text, "fixed", key.plan.fixed);
  append_numbers(text, "homophones", key.plan.homophones);
  const auto is_new = create_secret_file(path, as_bytes(text));
  secure_wipe(text.data(), text.size());
  if (!is_new) return is_new.error();
  if (*is_new) return {};
  return Error{Errc::invalid_config,
               fmt::format("{}: there is a file already, and what its key encoded could not be "
                           "decoded again; choose another name",
                           path.string())};
}

Result<CipherKey> load_cipher_key(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(auto text, read_text_file(path, max_key_file_bytes));
  HIPPOCRYPT_TRY(const bool is_open, is_open_to_others(path));
  if (is_open) {
    return Error{Errc::invalid_config,
                 fmt::format("{}: others than its owner may use this key file; chmod 600 it",
                             path.string())};
  }
  auto key = parse(path, text);
  secure_wipe(text.data(), text.size());
  return key;
}

}  // namespace hippocrypt::privacy
