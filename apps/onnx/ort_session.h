#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cuda/batch_view.h"

namespace fleet::onnx_files {

/// ONNX Runtime's library, as its wheel has it. @param third_party_dir the folder of wheels
/// @throws std::runtime_error if it is not there
std::string find_onnxruntime(const std::string& third_party_dir);

/// A model in ONNX Runtime, on one thread of the CPU: the judge of what we export.
class OrtSession {
 public:
  /// @param library path of libonnxruntime.so, which is opened here and stays open
  /// @param model the bytes of an .onnx file  @param input, output names in its graph
  /// @throws std::runtime_error with one line if the library or the model cannot be loaded
  OrtSession(const std::string& library, std::string_view model, std::string input,
             std::string output);
  ~OrtSession();
  OrtSession(const OrtSession&) = delete;
  OrtSession& operator=(const OrtSession&) = delete;

  /// Rows (n, input dim) to (n, output dim), all in one call. @throws std::runtime_error
  void run(BatchView<const float> observation, BatchView<float> action);

  /// "1.32.0"
  const std::string& version() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fleet::onnx_files
