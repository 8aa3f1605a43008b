#pragma once
// The chat template of a Hugging Face folder.

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace hippocrypt::model {

/// The Jinja text in `folder`'s chat_template.jinja, or else in its tokenizer_config.json (of
/// several the one named "default"); empty where there is none. Errors: io, malformed,
/// limit_exceeded (a file of more than 1 MiB).
Result<std::string> read_chat_template(const std::filesystem::path& folder);

}  // namespace hippocrypt::model
