#include "model/tokenizer/tokenizer_document.hpp"

#include <optional>
#include <utility>

#include "model/tokenizer/tokenizer_parts.hpp"
#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

/// A value takes up to 130 bytes. Gemma's file has 45,000, nearly all of added tokens.
constexpr std::size_t max_values = std::size_t{1} << 17;

/// Knows which value of the file an event is about; the places of interest are two.
class PlacedEvents : public JsonEvents {
 public:
  bool null() override { return take(nullptr); }
  bool boolean(bool value) override { return take(value); }
  bool number_integer(number_integer_t value) override { return take(value); }
  bool number_unsigned(number_unsigned_t value) override { return take(value); }
  bool number_float(number_float_t value, const string_t&) override { return take(value); }
  bool string(string_t& value) override { return take(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // JSON text has none
  bool key(string_t& value) override {
    key_ = std::move(value);
    return take_key(key_);
  }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

  const std::optional<Error>& error() const { return error_; }

 protected:
  explicit PlacedEvents(std::string source) : source_{std::move(source)} {}

  /// A value that is no container, an empty container that now begins, its end.
  virtual bool take(Json value) = 0;
  virtual bool begin(Json container) = 0;
  virtual bool end() = 0;
  virtual bool take_key(const std::string&) { return true; }

  /// Whether the innermost open container is the file's model.`name`, or its items with `deeper`.
  bool is_in(std::string_view name, std::size_t deeper = 0) const {
    return path_.size() == 3 + deeper && path_[1] == "model" && path_[2] == name;
  }
  const std::string& last_key() const { return key_; }
  const std::string& source() const { return source_; }
  bool fail(Errc code, std::string what) {
    constexpr std::size_t most = 300;  // a hostile file's names may be long
    if (what.size() > most) what.resize(valid_utf8_prefix(std::string_view{what}.substr(0, most)));
    error_ = Error{code, source_ + ": " + what};
    return false;
  }

 private:
  bool open(Json container) {
    path_.push_back(std::exchange(key_, ""));
    return begin(std::move(container));
  }
  bool close() {
    const bool goes_on = end();
    path_.pop_back();
    return goes_on;
  }

  std::string source_;
  std::string key_;
  std::vector<std::string> path_;  ///< the key of every open container
  std::optional<Error> error_;
};

/// Builds the values of everything but vocabulary and merges, and takes the vocabulary.
class RestAndVocabulary : public PlacedEvents {
 public:
  explicit RestAndVocabulary(const std::string& source) : PlacedEvents{source} {}
  Json rest;
  std::vector<std::string> spellings;

 protected:
  bool take(Json value) override {
    if (is_in("vocab")) return place(value);
    if (skipped_ > 0) return true;
    return insert(std::move(value)) != nullptr;
  }
  bool begin(Json container) override {
    if (skipped_ > 0 || is_in("merges") || (is_in("vocab") && container.is_object())) {
      if (is_in("vocab", 1)) return place(container);
      // What is skipped leaves an empty container in its place.
      if (skipped_++ > 0) return true;
      return insert(std::move(container)) != nullptr;
    }
    Json* const inserted = insert(std::move(container));
    if (inserted != nullptr) open_.push_back(inserted);
    return inserted != nullptr;
  }
  bool end() override {
    if (skipped_ > 0) {
      --skipped_;
    } else {
      open_.pop_back();
    }
    return true;
  }

 private:
  bool take_key(const std::string& key) override {
    if (skipped_ == 0) name_ = key;
    return true;
  }
  Json* insert(Json value) {
    if (++count_ > max_values) {
      fail(Errc::limit_exceeded, "more than " + std::to_string(max_values) +
                                     " values beside the vocabulary and the merges");
      return nullptr;
    }
    if (open_.empty()) {
      rest = std::move(value);
      return &rest;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    const auto [item, is_new] = open_.back()->emplace(name_, std::move(value));
    if (is_new) return &*item;
    fail(Errc::malformed, "the key " + name_ + " comes twice");
    return nullptr;
  }
  bool place(const Json& id) {
    const std::string& spelling = last_key();
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= max_vocab_size) {
      return fail(Errc::malformed, "model: vocab: " + spelling + " must be an id below " +
                                       std::to_string(max_vocab_size));
    }
    const std::size_t at = id.get<std::size_t>();
    if (at >= spellings.size()) spellings.resize(at + 1);
    if (spelling.empty()) return fail(Errc::malformed, "model: vocab: a token without text");
    if (!spellings[at].empty()) {
      return fail(Errc::malformed, "the id " + std::to_string(at) + " comes twice");
    }
    spellings[at] = spelling;
    return true;
  }

  std::vector<Json*> open_;
  std::string name_;         ///< the last key outside what is skipped
  std::size_t skipped_ = 0;  ///< open containers of vocabulary or merges
  std::size_t count_ = 0;
};

class Merges : public PlacedEvents {
 public:
  Merges(const TokenizerDocument& document, const std::string& source)
      : PlacedEvents{source}, document_{document} {}
  std::vector<TokenPair> merges;

 protected:
  bool take(Json value) override {
    const bool is_part = is_in("merges", 1);
    if (!is_part && !is_in("merges")) return true;
    if (!value.is_string()) return refuse();
    const auto& text = value.get_ref<const std::string&>();
    if (is_part) {
      parts_.push_back(text);
      return parts_.size() <= 2 || refuse();
    }
    const std::size_t space = text.find(' ');
    if (space == text.npos || text.find(' ', space + 1) != text.npos) return refuse();
    return add(std::string_view{text}.substr(0, space), std::string_view{text}.substr(space + 1));
  }
  bool begin(Json container) override {
    return !(is_in("merges", 1) && container.is_object()) && !is_in("merges", 2) ? true : refuse();
  }
  bool end() override {
    if (!is_in("merges", 1)) return true;
    if (parts_.size() != 2) return refuse();
    const bool goes_on = add(parts_[0], parts_[1]);
    parts_.clear();
    return goes_on;
  }

 private:
  bool refuse() {
    return fail(Errc::malformed, R"(model: merges must be a list of "a b" or ["a", "b"])");
  }
  bool add(std::string_view left, std::string_view right) {
    if (merges.size() == max_merges) {
      return fail(Errc::limit_exceeded, "more than " + std::to_string(max_merges) + " merges");
    }
    const auto left_id = document_.find(left), right_id = document_.find(right);
    if (!left_id || !right_id) {
      return fail(Errc::malformed, "model: merge " + std::to_string(merges.size()) +
                                       " has the unknown part '" +
                                       std::string{left_id ? right : left} + "'");
    }
    merges.emplace_back(*left_id, *right_id);
    return true;
  }

  const TokenizerDocument& document_;
  std::vector<std::string> parts_;  ///< of the merge at hand
};

Status index_spellings(TokenizerDocument& document, const std::string& source) {
  document.ids = TokenIndex{document.spellings.size()};
  for (TokenId id = 0; id < document.spellings.size(); ++id) {
    if (document.spellings[id].empty()) continue;
    if (document.ids.add(document.spellings, id)) {
      return Error{Errc::malformed, source + ": the key " + document.spellings[id] +
                                        " comes twice in the vocabulary"};
    }
  }
  return {};
}

}  // namespace

Result<TokenizerDocument> parse_tokenizer_document(std::string_view text,
                                                   const std::string& source) {
  RestAndVocabulary first{source};
  HIPPOCRYPT_TRY_VOID(parse_json_events(text, source, first));
  if (first.error()) return *first.error();
  TokenizerDocument document;
  document.rest = std::move(first.rest);
  document.spellings = std::move(first.spellings);
  HIPPOCRYPT_TRY_VOID(index_spellings(document, source));
  if (document.spellings.empty()) return document;
  // Again, as the merges may come before the vocabulary.
  Merges second{document, source};
  HIPPOCRYPT_TRY_VOID(parse_json_events(text, source, second));
  if (second.error()) return *second.error();
  document.merges = std::move(second.merges);
  return document;
}

}  // namespace hippocrypt::model
