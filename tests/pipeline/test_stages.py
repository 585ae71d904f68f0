from earshot.audio.decode import Decoder
from earshot.audio.media import DecodeOptions
from earshot.pipeline.stages import MediaDecoder


def test_the_real_decoder_is_what_the_pipeline_takes_for_one() -> None:
    decoder: MediaDecoder = Decoder(DecodeOptions(n_warm_children=0))
    decoder.close()
