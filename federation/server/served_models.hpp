#pragma once
// All models that one blind server has, as one service.

#include <span>
#include <string>
#include <vector>

#include "federation/server/product_server.hpp"

namespace hippocrypt::federation {

struct ServedModels {
  std::shared_ptr<const protocol::FrameService> service;
  std::vector<std::string> notes;  ///< a line for each, for people
};

/// Opens the models one after the other and starts their servers. Errors: those of
/// open_product_server, naming the model; those of ModelTable::create.
Result<ServedModels> serve_models(const EncryptionConfig& encryption, const ServerConfig& server,
                                  std::span<const ModelToServe> models,
                                  const std::shared_ptr<RandomSource>& random = {});

}  // namespace hippocrypt::federation
