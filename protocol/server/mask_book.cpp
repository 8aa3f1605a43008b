#include "protocol/server/mask_book.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/file_lock.hpp"

namespace hippocrypt::protocol {
namespace {

constexpr const char* format_name = "hippocrypt masks v1";
constexpr std::size_t max_file_bytes = 4096;

}  // namespace

Result<std::unique_ptr<MaskBook>> MaskBook::open(std::filesystem::path file, std::uint64_t limit,
                                                 RandomSource& random) {
  HIPPOCRYPT_CHECK(limit >= 1);
  std::unique_ptr<MaskBook> book{new MaskBook{std::move(file), limit, random}};
  if (book->file_.empty()) {
    book->page_ = book->fresh_page();
    return book;
  }
  HIPPOCRYPT_TRY(const FileLock lock, FileLock::take(book->file_.string() + ".lock"));
  book->page_ = book->read_page();
  if (book->page_.reserved >= limit) book->page_ = book->fresh_page();
  HIPPOCRYPT_TRY_VOID(book->write_page(book->page_));
  return book;
}

crypto::MaskNonce MaskBook::nonce() const {
  const std::scoped_lock lock{mutex_};
  return page_.nonce;
}

Result<bool> MaskBook::take(const crypto::MaskNonce& nonce, std::uint64_t tiles) {
  const std::scoped_lock lock{mutex_};
  if (nonce != page_.nonce) return false;
  if (tiles > left_) {
    Page page = page_;
    std::unique_ptr<FileLock> file_lock;
    if (!file_.empty()) {
      HIPPOCRYPT_TRY(FileLock held, FileLock::take(file_.string() + ".lock"));
      file_lock = std::make_unique<FileLock>(std::move(held));
      page = read_page();
    }
    if (page.nonce != nonce || page.reserved >= limit_ || limit_ - page.reserved < tiles) {
      return false;
    }
    const std::uint64_t more = std::min(limit_ - page.reserved, std::max(tiles, chunk));
    page.reserved += more;
    HIPPOCRYPT_TRY_VOID(write_page(page));
    page_ = page;
    left_ = more;  // what was left of the last chunk is wasted, so that the sum stays right
  }
  left_ -= tiles;
  return true;
}

Status MaskBook::rotate(const crypto::MaskNonce& spent) {
  const std::scoped_lock lock{mutex_};
  if (page_.nonce != spent) return Ok{};
  if (file_.empty()) {
    page_ = fresh_page();
  } else {
    HIPPOCRYPT_TRY(const FileLock file_lock, FileLock::take(file_.string() + ".lock"));
    Page page = read_page();
    if (page.nonce == spent) page = fresh_page();
    HIPPOCRYPT_TRY_VOID(write_page(page));
    page_ = page;
  }
  left_ = 0;
  return Ok{};
}

MaskBook::Page MaskBook::fresh_page() {
  Page page;
  random_.fill(page.nonce);
  return page;
}

/// A file that cannot be read or understood gives a fresh page: new masks are always safe.
MaskBook::Page MaskBook::read_page() {
  const Result<std::string> text = read_text_file(file_, max_file_bytes);
  if (!text) return fresh_page();
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  const auto is = [&json](const char* key, auto kind) {
    return json.is_object() && json.contains(key) && (json[key].*kind)();
  };
  using Json = nlohmann::json;
  if (!is("format", &Json::is_string) || json["format"] != format_name ||
      !is("nonce", &Json::is_string) || !is("tiles_reserved", &Json::is_number_unsigned)) {
    return fresh_page();
  }
  Page page;
  const std::optional<Bytes> nonce = from_hex(json["nonce"].get<std::string>());
  if (!nonce || nonce->size() != page.nonce.size()) return fresh_page();
  std::copy(nonce->begin(), nonce->end(), page.nonce.begin());
  page.reserved = json["tiles_reserved"].get<std::uint64_t>();
  return page;
}

Status MaskBook::write_page(const Page& page) const {
  if (file_.empty()) return Ok{};
  const nlohmann::json json{
      {"format", format_name}, {"nonce", to_hex(page.nonce)}, {"tiles_reserved", page.reserved}};
  return write_file_atomically(file_, as_bytes(json.dump(2) + "\n"));
}

}  // namespace hippocrypt::protocol
