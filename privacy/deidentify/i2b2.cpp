#include "privacy/deidentify/i2b2.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/file.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t max_tags = 100000;

struct Tag {
  std::size_t start = 0, end = 0;  ///< in characters
  Category category = Category::other;
  std::string type;
};

std::optional<Category> category_of_type(std::string_view type) {
  static constexpr std::pair<std::string_view, Category> types[] = {
      {"PATIENT", Category::name},
      {"DOCTOR", Category::name},
      {"USERNAME", Category::other},
      {"HOSPITAL", Category::location},
      {"ORGANIZATION", Category::location},
      {"STREET", Category::location},
      {"CITY", Category::location},
      {"ZIP", Category::location},
      {"LOCATION-OTHER", Category::location},
      {"DATE", Category::date},
      {"AGE", Category::age},
      {"PHONE", Category::phone},
      {"FAX", Category::fax},
      {"EMAIL", Category::email},
      {"URL", Category::url},
      {"IPADDR", Category::ip},
      {"SSN", Category::ssn},
      {"MEDICALRECORD", Category::mrn},
      {"HEALTHPLAN", Category::health_plan},
      {"ACCOUNT", Category::account},
      {"LICENSE", Category::license},
      {"VEHICLE", Category::vehicle},
      {"DEVICE", Category::device},
      {"BIOID", Category::biometric},
      {"IDNUM", Category::other}};
  for (const auto& [name, category] : types) {
    if (name == type) return category;
  }
  return std::nullopt;
}

std::optional<std::size_t> number_of(std::string_view digits) {
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  std::size_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = 10 * value + static_cast<std::size_t>(c - '0');
  }
  return value;
}

struct Reader {
  std::string text;
  std::vector<Tag> tags;
  std::string problem;
  bool in_text = false;
  bool has_text = false;
  XML_Parser parser = nullptr;

  void fail(std::string what) {
    if (problem.empty()) problem = std::move(what);
    XML_StopParser(parser, XML_FALSE);
  }
};

Reader& reader_of(void* data) { return *static_cast<Reader*>(data); }

void start_element(void* data, const XML_Char* name, const XML_Char** attributes) {
  Reader& reader = reader_of(data);
  const std::string_view element{name};
  if (element == "TEXT") {
    reader.in_text = true;
    reader.has_text = true;
    return;
  }
  std::string_view type, start, end;
  for (; attributes[0] != nullptr; attributes += 2) {
    const std::string_view key{attributes[0]};
    const std::string_view value{attributes[1]};
    if (key == "TYPE") type = value;
    if (key == "start") start = value;
    if (key == "end") end = value;
  }
  const auto category = category_of_type(type);
  if (start.empty() || !category) return;
  const auto first = number_of(start);
  const auto last = number_of(end);
  if (!first || !last || *first > *last) return reader.fail("a tag without a valid start and end");
  if (reader.tags.size() >= max_tags) return reader.fail("too many tags");
  reader.tags.push_back({*first, *last, *category, std::string{type}});
}

void end_element(void* data, const XML_Char* name) {
  if (std::string_view{name} == "TEXT") reader_of(data).in_text = false;
}

void characters(void* data, const XML_Char* text, int size) {
  Reader& reader = reader_of(data);
  if (reader.in_text) reader.text.append(text, static_cast<std::size_t>(size));
}

void start_doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  reader_of(data).fail("a document type declaration, which these files do not have");
}

/// Byte offsets of all characters of UTF-8 text, and of its end.
std::vector<std::size_t> character_offsets(std::string_view text) {
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) offsets.push_back(i);
  }
  offsets.push_back(text.size());
  return offsets;
}

/// Safe Harbor lists neither ages to 89 nor years.
bool is_identifier(Category category, std::string_view value) {
  std::string digits;
  for (const char c : value) {
    if (c >= '0' && c <= '9') digits += c;
  }
  if (category == Category::age) {
    return !digits.empty() && (digits.size() > 2 || digits >= "90");
  }
  if (category == Category::date) return digits.size() != 4 || value.size() > 5;
  return true;
}

Result<GoldNote> to_note(Reader reader) {
  if (!reader.has_text) return Error{Errc::malformed, "no element TEXT"};
  const auto offsets = character_offsets(reader.text);
  GoldNote note;
  for (const Tag& tag : reader.tags) {
    if (tag.end >= offsets.size()) {
      return Error{Errc::malformed, fmt::format("a tag ends at {}, behind the text", tag.end)};
    }
    const std::size_t begin = offsets[tag.start];
    const std::size_t end = offsets[tag.end];
    if (!is_identifier(tag.category, std::string_view{reader.text}.substr(begin, end - begin))) {
      continue;
    }
    note.gold.push_back({begin, end, tag.category, 1, "gold"});
  }
  std::sort(note.gold.begin(), note.gold.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  note.text = std::move(reader.text);
  return note;
}

}  // namespace

Result<GoldNote> parse_i2b2(std::string_view xml) {
  if (xml.size() > max_i2b2_bytes) {
    return Error{Errc::limit_exceeded,
                 fmt::format("{} bytes; at most {} are read", xml.size(), max_i2b2_bytes)};
  }
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser{
      XML_ParserCreate("UTF-8"), &XML_ParserFree};
  Reader reader;
  reader.parser = parser.get();
  XML_SetUserData(parser.get(), &reader);
  XML_SetElementHandler(parser.get(), start_element, end_element);
  XML_SetCharacterDataHandler(parser.get(), characters);
  XML_SetStartDoctypeDeclHandler(parser.get(), start_doctype);
  const auto status = XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), 1);
  if (!reader.problem.empty()) return Error{Errc::malformed, reader.problem};
  if (status != XML_STATUS_OK) {
    return Error{Errc::malformed, fmt::format("no XML: {} in line {}",
                                              XML_ErrorString(XML_GetErrorCode(parser.get())),
                                              XML_GetCurrentLineNumber(parser.get()))};
  }
  return to_note(std::move(reader));
}

Result<std::vector<GoldNote>> read_i2b2(const std::filesystem::path& folder) {
  std::error_code problem;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::recursive_directory_iterator it{folder, problem}, end;
       !problem && it != end; it.increment(problem)) {
    if (it->path().extension() == ".xml") files.push_back(it->path());
  }
  if (problem) return Error{Errc::io, folder.string() + ": " + problem.message()};
  if (files.empty()) return Error{Errc::not_found, folder.string() + ": no .xml files"};
  std::sort(files.begin(), files.end());
  std::vector<GoldNote> notes;
  for (const auto& file : files) {
    HIPPOCRYPT_TRY(const std::string xml, read_text_file(file, max_i2b2_bytes));
    auto note = parse_i2b2(xml);
    if (!note) return Error{note.error().code, file.string() + ": " + note.error().detail};
    notes.push_back(std::move(note).value());
  }
  return notes;
}

}  // namespace hippocrypt::privacy
