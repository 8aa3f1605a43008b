#include "base/key_file.hpp"

#include <algorithm>
#include <string>

#include "base/file.hpp"
#include "base/format_version.hpp"
#include "base/secret_file.hpp"

namespace hippocrypt {
namespace {

constexpr std::uint64_t file_version = 1;
constexpr std::size_t longest_version = 20;  // digits

std::string line_start(std::string_view kind) { return "hippocrypt " + std::string{kind} + ' '; }

/// What lies behind the line.
Result<ByteView> behind_line(const std::filesystem::path& path, std::string_view kind,
                             ByteView content) {
  const std::string_view text{reinterpret_cast<const char*>(content.data()), content.size()};
  const std::size_t end = text.find('\n');
  const auto version = version_in_line(text.substr(0, end), line_start(kind));
  if (end == std::string_view::npos || !version) return content;  // an early release's, or no key
  HIPPOCRYPT_TRY_VOID(check_version(path.string(), *version, file_version));
  return content.subspan(end + 1);
}

}  // namespace

Result<bool> create_key_file(const std::filesystem::path& path, std::string_view kind,
                             const SecretBytes& key) {
  const std::string line = line_start(kind) + std::to_string(file_version) + '\n';
  SecretBytes content(line.size() + key.size());
  const auto out = content.reveal();
  std::copy(line.begin(), line.end(), out.begin());
  std::copy(key.reveal().begin(), key.reveal().end(),
            out.begin() + static_cast<std::ptrdiff_t>(line.size()));
  return create_secret_file(path, content.reveal());
}

Result<SecretBytes> read_key_file(const std::filesystem::path& path, std::string_view kind,
                                  std::size_t size_bytes) {
  const auto other = [&] {
    return Error{Errc::malformed, path.string() + " is no " + std::string{kind} + " of " +
                                      std::to_string(size_bytes) + " bytes"};
  };
  const std::size_t limit = line_start(kind).size() + longest_version + 1 + size_bytes;
  auto content = read_file(path, limit);
  if (!content && content.error().code == Errc::limit_exceeded) return other();
  if (!content) return std::move(content).error();
  SecretBytes key(size_bytes);
  auto kept = behind_line(path, kind, *content);
  const bool fits = kept && kept->size() == size_bytes;
  if (fits) std::copy(kept->begin(), kept->end(), key.reveal().begin());
  secure_wipe(content->data(), content->size());
  if (!kept) return std::move(kept).error();
  if (!fits) return other();
  return key;
}

}  // namespace hippocrypt
