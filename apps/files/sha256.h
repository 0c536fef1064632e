#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cuda/field.h"

struct evp_md_ctx_st;

namespace fleet::files {

/// Computes SHA-256 of bytes that come piece by piece (OpenSSL).
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text) { update(std::as_bytes(std::span(text))); }

  /// Returns the digest as 64 lower-case hexadecimal digits. To be called once, at the end.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string sha256(std::span<const std::byte> bytes);
std::string sha256(std::string_view text);

/// @throws FileError
std::string sha256_of_file(const std::string& path);

/// Returns one hash of names, dtypes, shapes and values in list order.
///
/// Equal for fields of equal content, whatever their strides: the state hash of a run.
std::string sha256_of_fields(const Fields& fields);

}  // namespace fleet::files
