"""Problems in the formats that researchers exchange: text in, a problem out."""
