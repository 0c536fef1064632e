#pragma once

#include <span>
#include <string>

#include "cuda/aligned_vector.h"
#include "cuda/field.h"
#include "cuda/mlp.h"

namespace fleet::agents {

/// An MLP, further parameters of its own (`extra`), and what Adam remembers of all of them.
class Network {
 public:
  Network(kernels::MlpShape shape, int num_extra);

  /// Call after the parameters have changed: forward() and backward() use a copy.
  void load() { mlp_.load(mlp_parameters()); }

  const kernels::Mlp& mlp() const { return mlp_; }
  std::span<float> mlp_parameters() { return std::span(parameters).first(num_mlp_); }
  std::span<float> extra() { return std::span(parameters).subspan(num_mlp_); }
  std::span<const float> extra() const { return std::span(parameters).subspan(num_mlp_); }
  std::span<float> extra_gradient() { return std::span(gradient).subspan(num_mlp_); }

  /// One field per weight and bias: prefix + "0.weight", "0.bias", "1.weight" ...
  Fields parameter_fields(const std::string& prefix);
  /// The moments, each in one piece.
  Fields moment_fields(const std::string& prefix);

  AlignedVector<float> parameters;  // (num_parameters) the MLP's, then the extra ones
  AlignedVector<float> gradient;    // (num_parameters)
  AlignedVector<float> mean;        // (num_parameters) of Adam
  AlignedVector<float> square;      // (num_parameters) of Adam

 private:
  kernels::Mlp mlp_;
  std::size_t num_mlp_;
};

}  // namespace fleet::agents
