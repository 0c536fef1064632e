#pragma once

#include <string>

#include "apps/files/checkpoint.h"

namespace fleet::files {

/// Returns the manifest as JSON text that ends with its own hash.
std::string manifest_text(const Manifest& manifest, const FileDigest& state);

/// A manifest that was read, and what it says of the file with the state.
struct ReadManifest {
  Manifest manifest;
  FileDigest state;
};

/// Parses what manifest_text() wrote; refuses any text that differs from it in even one byte.
///
/// @throws FileError
ReadManifest parse_manifest(std::string_view text, const std::string& file);

/// Reads and parses a manifest.
ReadManifest load_manifest(const std::string& path);

}  // namespace fleet::files
