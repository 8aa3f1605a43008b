#pragma once
// adapter_config.json of PEFT. Used by adapter_file.cpp alone.

#include <string>
#include <string_view>

#include "model/files/adapter_file.hpp"

namespace hippocrypt::model {

/// Errors: malformed, unsupported, limit_exceeded (JSON too deep).
Result<AdapterFileConfig> parse_adapter_config(std::string_view text, const std::string& source);

std::string render_adapter_config(const AdapterFileConfig& config);

}  // namespace hippocrypt::model
