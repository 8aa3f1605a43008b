#pragma once
// How many of a corpus' identifiers are found, a category.

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "privacy/deidentify/corpus/generate.hpp"
#include "privacy/deidentify/engine.hpp"

namespace hippocrypt::privacy {

/// A share and its 95 % confidence interval (Wilson's score interval).
struct Share {
  std::size_t count = 0;
  std::size_t of = 0;
  double value() const {
    return of == 0 ? 1.0 : static_cast<double>(count) / static_cast<double>(of);
  }
  double low() const;
  double high() const;
};

struct CategoryScore {
  Share recall;     ///< gold spans of which every letter and digit is masked, as whatever category
  Share typed;      ///< the same, by a span of their own category
  Share precision;  ///< spans of this category that touch a gold span, of whatever category
};

struct EvaluationReport {
  std::array<CategoryScore, category_count> categories;
  CategoryScore all;
  Share characters;   ///< masked letters and digits that are an identifier's
  Share clean_notes;  ///< with no identifier left, not even in part
  std::size_t notes = 0;
  WorkCount work;

  /// (1 + 4) P R / (4 P + R).
  double f2() const;
};

/// Something that went wrong, for the development part only.
struct Miss {
  std::size_t note = 0;
  bool is_leak = false;  ///< otherwise masked without need
  Category category = Category::other;
  std::string text;
  std::string around;
  std::string_view rule;
};

/// Searches every note by itself. `on_note` is called after each. Errors: of find_identifiers.
Result<EvaluationReport> evaluate(std::span<const GoldNote> notes,
                                  const std::function<void()>& on_note = {},
                                  std::vector<Miss>* misses = nullptr);

}  // namespace hippocrypt::privacy
