#include "model/files/open_weights.hpp"

#include "model/files/hf_model.hpp"

namespace hippocrypt::model {

Result<Model> open_weights(const std::string& spec) { return load_model_folder(spec); }

}  // namespace hippocrypt::model
