#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

#include <cuda_runtime.h>

namespace fleet::physics {

struct CudaError : std::runtime_error {
  CudaError(cudaError_t error, const std::source_location& place)
      : runtime_error(std::string(place.file_name()) + ':' + std::to_string(place.line()) + ": " +
                      cudaGetErrorString(error)) {}
};

/// @throws CudaError with the caller's place
inline void cuda_check(cudaError_t error,
                       const std::source_location& place = std::source_location::current()) {
  if (error != cudaSuccess) {
    throw CudaError(error, place);
  }
}

}  // namespace fleet::physics
