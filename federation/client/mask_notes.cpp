#include "federation/client/mask_notes.hpp"

#include "privacy/deidentify/replace.hpp"

namespace hippocrypt::federation {
namespace {

/// Calls `visit` with every text of the note that becomes tokens.
template <class Visit>
Status for_each_text(notes::Note& note, Visit visit) {
  for (std::string* text : {&note.prompt, &note.text}) {
    if (!text->empty()) HIPPOCRYPT_TRY_VOID(visit(*text));
  }
  for (notes::Turn& turn : note.turns) HIPPOCRYPT_TRY_VOID(visit(turn.text));
  return {};
}

}  // namespace

Result<std::size_t> mask_identifiers(std::vector<notes::Note>& notes) {
  privacy::Deidentifier deidentifier{{}};
  for (notes::Note& note : notes) {
    HIPPOCRYPT_TRY_VOID(for_each_text(
        note, [&](const std::string& text) { return deidentifier.learn(note.patient_id, text); }));
  }
  std::size_t count = 0;
  for (notes::Note& note : notes) {
    HIPPOCRYPT_TRY_VOID(for_each_text(note, [&](std::string& text) -> Status {
      HIPPOCRYPT_TRY(privacy::Replaced replaced, deidentifier.replace(note.patient_id, text));
      count += replaced.finding.spans.size();
      text = std::move(replaced.text);
      return {};
    }));
  }
  return count;
}

}  // namespace hippocrypt::federation
