#include "privacy/deidentify/corpus/generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/random.hpp"
#include "privacy/deidentify/corpus/values.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double misread_rate = 0.015;
constexpr std::size_t wrap_columns = 60;

struct Person {
  std::string first, last;
  char middle = 'A';
};

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

/// What a slot becomes.
struct Filling {
  std::string text;
  std::optional<Category> category;  ///< nothing: no identifier
};

class Filler {
 public:
  Filler(const PhiTemplates& templates, SeededSequence& random)
      : templates_{templates}, random_{random} {}

  Result<Filling> fill(std::string_view slot) {
    if (slot.size() > 2 && slot[1] == '.' && slot[0] >= 'p' && slot[0] <= 's') return person(slot);
    if (slot.substr(0, 4) == "lit.") return literal(slot.substr(4));
    if (slot.substr(0, 5) == "date|") {
      const auto date = invent_date(random_);
      return Filling{format_date(date, slot.substr(5), random_), Category::date};
    }
    if (slot.substr(0, 4) == "age:") return age(slot.substr(4));
    if (slot == "street_no") return location(fill_shape(random_.below(2) == 0 ? "^##" : "^###"));
    if (slot == "zip") return location(fill_shape("^####"));
    if (slot == "phone_ext") return Filling{fill_shape("^###"), Category::phone};
    if (slot == "other_long") return Filling{fill_shape("^########"), Category::other};
    for (const std::string_view place : {"city", "street", "hospital", "county"}) {
      if (slot == place) return from_list(slot, Category::location);
    }
    if (slot == "state" || slot == "stateabbr") return from_list(slot, std::nullopt);
    return number(slot);
  }

 private:
  Filling location(std::string text) { return {std::move(text), Category::location}; }
  std::string fill_shape(std::string_view shape) { return privacy::fill_shape(shape, random_); }

  static Error unknown(std::string_view slot) {
    return Error{Errc::malformed, fmt::format("slot '{}' of a template is unknown", slot)};
  }

  Result<std::string> pick(const std::map<std::string, std::vector<std::string>>& from,
                           std::string_view name) {
    const auto found = from.find(std::string{name});
    if (found == from.end() || found->second.empty()) return unknown(name);
    return found->second[random_.below(found->second.size())];
  }

  Result<Filling> from_list(std::string_view name, std::optional<Category> category) {
    HIPPOCRYPT_TRY(std::string text, pick(templates_.lists, name));
    return Filling{std::move(text), category};
  }

  Result<Filling> person(std::string_view slot) {
    auto found = persons_.find(slot[0]);
    if (found == persons_.end()) {
      HIPPOCRYPT_TRY(std::string first, pick(templates_.lists, "first"));
      HIPPOCRYPT_TRY(std::string last, pick(templates_.lists, "last"));
      const auto middle = static_cast<char>('A' + random_.below(26));
      found = persons_.emplace(slot[0], Person{std::move(first), std::move(last), middle}).first;
    }
    const Person& person = found->second;
    const std::string_view part = slot.substr(2);
    if (part == "first") return Filling{person.first, Category::name};
    if (part == "last") return Filling{person.last, Category::name};
    if (part == "FIRST") return Filling{upper(person.first), Category::name};
    if (part == "LAST") return Filling{upper(person.last), Category::name};
    if (part == "mid") return Filling{std::string(1, person.middle), Category::name};
    return unknown(slot);
  }

  Result<Filling> literal(std::string_view slot) {
    const std::size_t bar = slot.find('|');
    if (bar == std::string_view::npos) return unknown(slot);
    const auto category = category_of(slot.substr(0, bar));
    if (!category) return unknown(slot);
    return Filling{std::string{slot.substr(bar + 1)}, category};
  }

  Result<Filling> age(std::string_view range) {
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos) return unknown(range);
    const auto number = [](std::string_view digits) {
      std::uint64_t value = 0;
      for (const char c : digits) value = 10 * value + static_cast<std::uint64_t>(c - '0');
      return value;
    };
    const std::uint64_t low = number(range.substr(0, dash));
    const std::uint64_t high = number(range.substr(dash + 1));
    if (high < low) return unknown(range);
    const std::uint64_t years = low + random_.below(high - low + 1);
    return Filling{std::to_string(years),
                   years >= 90 ? std::optional{Category::age} : std::nullopt};
  }

  Result<Filling> number(std::string_view slot) {
    static constexpr std::pair<std::string_view, Category> checked[] = {
        {"npi", Category::license},  {"dea", Category::license},  {"vin", Category::vehicle},
        {"card", Category::account}, {"iban", Category::account}, {"mbi", Category::health_plan},
        {"udi", Category::device}};
    for (const auto& [kind, category] : checked) {
      if (slot == kind) return Filling{invent_checked(kind, random_), category};
    }
    const auto category = category_of(slot);
    if (!category) return unknown(slot);
    HIPPOCRYPT_TRY(const std::string shape, pick(templates_.shapes, slot));
    return Filling{fill_shape(shape), category};
  }

  const PhiTemplates& templates_;
  SeededSequence& random_;
  std::map<char, Person> persons_;
};

/// The slot at the brace `at`, or nothing: a brace of JSON.
std::string_view slot_at(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('}', at);
  if (end == std::string_view::npos || at + 1 >= end) return {};
  const std::string_view slot = text.substr(at + 1, end - at - 1);
  const bool plain = slot.front() >= 'a' && slot.front() <= 'z' &&
                     slot.find_first_of("{\"\n") == std::string_view::npos;
  return plain ? slot : std::string_view{};
}

Result<GoldNote> fill_template(std::string_view text, Filler& filler) {
  GoldNote note;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view slot = text[at] == '{' ? slot_at(text, at) : std::string_view{};
    if (slot.empty()) {
      note.text += text[at++];
      continue;
    }
    HIPPOCRYPT_TRY(const Filling filling, filler.fill(slot));
    if (filling.category) {
      note.gold.push_back(
          {note.text.size(), note.text.size() + filling.text.size(), *filling.category, 1, "gold"});
    }
    note.text += filling.text;
    at += slot.size() + 2;
  }
  return note;
}

void wrap(std::string& text) {
  std::size_t column = 0;
  for (char& c : text) {
    ++column;
    if (c == '\n') column = 0;
    if (c == ' ' && column >= wrap_columns) {
      c = '\n';
      column = 0;
    }
  }
}

void misread(std::string& text, SeededSequence& random) {
  constexpr std::string_view from = "Ool1I0S5B8ZecahbnumvW";
  constexpr std::string_view to = "001llO5S8B2ceobhmnnuV";
  static_assert(from.size() == to.size());
  for (char& c : text) {
    const std::size_t at = from.find(c);
    if (at != std::string_view::npos && random.uniform() < misread_rate) c = to[at];
  }
}

bool is_message(std::string_view text) {
  return text.substr(0, 4) == "PID|" || text.substr(0, 1) == "{" || text.substr(0, 4) == "MSH|";
}

void add_noise(GoldNote& note, SeededSequence& random) {
  const bool message = is_message(note.text);
  const std::uint64_t draw = random.below(6);
  if (message || draw < 3) return;
  if (draw == 3) {
    note.noise = PhiNoise::capitals;
    note.text = upper(note.text);
  } else if (draw == 4) {
    note.noise = PhiNoise::wrapped;
    wrap(note.text);
  } else {
    note.noise = PhiNoise::misread;
    misread(note.text, random);
  }
}

}  // namespace

Result<std::vector<GoldNote>> generate_phi(const PhiTemplates& templates,
                                           const GenerateOptions& options) {
  if (templates.notes.empty() || templates.adversarial.empty()) {
    return Error{Errc::malformed, "a corpus needs notes and adversarial notes"};
  }
  std::vector<GoldNote> notes;
  notes.reserve(options.notes);
  SeededSequence random{options.seed, "phi corpus"};
  for (std::size_t i = 0; i < options.notes; ++i) {
    const bool adversarial = i % 5 == 4;
    const auto& from = adversarial ? templates.adversarial : templates.notes;
    const std::size_t index = (adversarial ? i / 5 : i - i / 5) % from.size();
    Filler filler{templates, random};
    HIPPOCRYPT_TRY(GoldNote note, fill_template(from[index], filler));
    note.adversarial = adversarial;
    note.template_index = index;
    add_noise(note, random);
    notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace hippocrypt::privacy
