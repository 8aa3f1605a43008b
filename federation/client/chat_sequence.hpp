#pragma once
// A conversation as tokens, and which of them are the assistant's.

#include <cstddef>
#include <vector>

#include "federation/client/hospital_data.hpp"
#include "notes/note.hpp"

namespace hippocrypt::federation {

/// The ids of the turns in the model's chat format. Learned are all but the first, or with
/// LossTokens::completion what the assistant says and the token that ends it: those between the
/// conversation that asks for an answer and the one that holds it. Turns beyond `max_tokens` need
/// not be marked. Errors: those of render_chat and encode_chat.
Result<TokenSequence> chat_sequence(const model::Tokenizer& tokenizer,
                                    const model::ChatStyle& style,
                                    const std::vector<notes::Turn>& turns, LossTokens loss,
                                    std::size_t max_tokens);

}  // namespace hippocrypt::federation
