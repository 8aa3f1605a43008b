#include "privacy/dp_forward/noise_seed.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.hpp"
#include "base/descriptor.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t seed_bytes = 32;
constexpr std::string_view stream_domain = "hippocrypt dp-forward noise 1";
constexpr std::string_view tag_domain = "hippocrypt dp-forward seed tag 1";

Error os_error(const std::filesystem::path& path, const char* what) {
  return {Errc::io, path.string() + ": cannot " + what + ": " + std::strerror(errno)};
}

/// HMAC-SHA256(seed, domain ‖ 0 ‖ text), a pseudo-random function of both.
SecretBytes keyed_hash(const SecretBytes& seed, std::string_view domain, ByteView text) {
  Bytes message(domain.begin(), domain.end());
  message.push_back(0);
  message.insert(message.end(), text.begin(), text.end());
  SecretBytes out(seed_bytes);
  unsigned int size = 0;
  const std::uint8_t* made = HMAC(EVP_sha256(), seed.reveal().data(), static_cast<int>(seed.size()),
                                  message.data(), message.size(), out.reveal().data(), &size);
  HIPPOCRYPT_CHECK(made != nullptr && size == seed_bytes);
  return out;
}

/// Errors: io.
Status write_all(const Descriptor& file, const std::filesystem::path& path, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return os_error(path, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) return os_error(path, "sync");
  return {};
}

Status sync_folder(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  const Descriptor directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return os_error(folder, "sync");
  return {};
}

/// Puts the seed at `path` unless something is there already: the whole file or none, even if two
/// programs do it at once. Errors: io.
Status create(const std::filesystem::path& path, RandomSource& random) {
  std::error_code failure;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failure);
  const std::filesystem::path temporary = path.string() + ".tmp." + std::to_string(::getpid());
  ::unlink(temporary.c_str());
  Status written;
  {
    const Descriptor file{
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (file.get() < 0) return os_error(path, "create");
    SecretBytes bytes(seed_bytes);
    random.fill(bytes.reveal());
    written = write_all(file, path, bytes.reveal());
  }
  if (written && ::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    written = os_error(path, "create");
  }
  ::unlink(temporary.c_str());
  if (!written) return written;
  return sync_folder(path);
}

/// Errors: io, unsupported, malformed.
Result<SecretBytes> load(const Descriptor& file, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return os_error(path, "open");
  if ((status.st_mode & 077U) != 0) {
    return Error{Errc::unsupported,
                 path.string() +
                     ": others than its owner may read the noise seed, which takes the "
                     "noise off what was released; if nobody has, chmod 600 it"};
  }
  if (!S_ISREG(status.st_mode) || status.st_size != static_cast<off_t>(seed_bytes)) {
    return Error{Errc::malformed, path.string() +
                                      ": a noise seed has 32 bytes; restore the file, or remove it "
                                      "to make new noise, which is charged again"};
  }
  SecretBytes bytes(seed_bytes);
  if (::read(file.get(), bytes.reveal().data(), seed_bytes) != static_cast<ssize_t>(seed_bytes)) {
    return os_error(path, "read");
  }
  return bytes;
}

}  // namespace

struct KeyedStream::State {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_CIPHER_CTX_free(context); }  // which wipes it
};

KeyedStream::KeyedStream(const SecretBytes& key) : state_{std::make_unique<State>()} {
  HIPPOCRYPT_CHECK(key.size() == 32 && state_->context != nullptr);
  const std::array<std::uint8_t, 16> start{};  // the key is used for one stream only
  HIPPOCRYPT_CHECK(EVP_EncryptInit_ex(state_->context, EVP_chacha20(), nullptr, key.reveal().data(),
                                      start.data()) == 1);
}

KeyedStream::~KeyedStream() = default;

void KeyedStream::fill(std::span<std::uint8_t> out) {
  constexpr std::size_t most = std::size_t{1} << 20;
  while (!out.empty()) {
    const auto piece = out.first(std::min(most, out.size()));
    std::fill(piece.begin(), piece.end(), std::uint8_t{0});
    int made = 0;
    HIPPOCRYPT_CHECK(EVP_EncryptUpdate(state_->context, piece.data(), &made, piece.data(),
                                       static_cast<int>(piece.size())) == 1);
    HIPPOCRYPT_CHECK(static_cast<std::size_t>(made) == piece.size());
    out = out.subspan(piece.size());
  }
}

NoiseSeed NoiseSeed::fresh(RandomSource& random) {
  SecretBytes bytes(seed_bytes);
  random.fill(bytes.reveal());
  return NoiseSeed{std::move(bytes)};
}

Result<NoiseSeed> NoiseSeed::load_or_create(const std::filesystem::path& path,
                                            RandomSource& random) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    HIPPOCRYPT_TRY_VOID(create(path, random));
  }
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return os_error(path, "open");
  HIPPOCRYPT_TRY(SecretBytes bytes, load(file, path));
  return NoiseSeed{std::move(bytes)};
}

KeyedStream NoiseSeed::stream(ByteView name) const {
  return KeyedStream{keyed_hash(bytes_, stream_domain, name)};
}

Hash256 NoiseSeed::tag() const {
  const SecretBytes hash = keyed_hash(bytes_, tag_domain, {});
  Hash256 out{};
  std::copy(hash.reveal().begin(), hash.reveal().end(), out.begin());
  return out;
}

}  // namespace hippocrypt::privacy
